package doctor

import (
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"heyq/config"
	"heyq/internal/testkit"
	"heyq/wire"
)

// Each server of a Redis has settings of its own.
func TestExamineRedis_real(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{
		"sentinel": testkit.StartSentinel(t).URL(),
		"cluster":  testkit.StartCluster(t).URL(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := &doctor{wrong: map[string]bool{}, Options: Options{
				Environ: []string{"REDIS_URL=" + url},
				Redis:   func(config.Config) redis.UniversalClient { return testkit.OpenRedis(t, url) },
			}}
			if list := d.configuration(); list[0].Severity != wire.Fine {
				t.Fatal(list)
			}
			list := d.examineRedis(t.Context())
			if len(list) != 1 {
				t.Fatalf("found %v, want one thing", list)
			}
			wantFinding(t, list[0], wire.Fine, "noeviction")
			if cluster := d.config.Redis.Target.Kind == config.RedisCluster; cluster != strings.Contains(list[0].What, "servers") {
				t.Errorf("it says %q", list[0].What)
			}
			workers := workersAt(d.redis())
			wantFinding(t, workers[0], wire.Warning, "none is at work")
		})
	}
}
