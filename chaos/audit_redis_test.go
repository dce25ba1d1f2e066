package chaos

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"heyq/internal/testkit"
)

func TestInRedis_tells_leftovers_from_what_asynq_drops_real(t *testing.T) {
	t.Parallel()
	option, err := redis.ParseURL(testkit.Redis(t))
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(option)
	defer client.Close()
	ctx, due := t.Context(), func(in time.Duration) float64 { return float64(time.Now().Add(in).Unix()) }
	pipe := client.Pipeline()
	pipe.LPush(ctx, "asynq:{create}:active", "leased", "lost")
	pipe.ZAdd(ctx, "asynq:{create}:lease", redis.Z{Score: due(time.Second), Member: "leased"})
	pipe.ZAdd(ctx, "asynq:{poll}:retry", redis.Z{Score: due(time.Minute), Member: "soon"}, redis.Z{Score: due(time.Hour), Member: "never"})
	pipe.LPush(ctx, "asynq:{download}:pending", "a", "b")
	pipe.Set(ctx, "asynq:{maintenance}:unique:store:sweep:1", "", 0)
	pipe.ZAdd(ctx, "asynq:{create}:archived", redis.Z{Score: 1, Member: "failed for good"})
	if _, err := pipe.Exec(ctx); err != nil {
		t.Fatal(err)
	}
	left, known, err := inRedis(ctx, client)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, l := range left {
		got[l] = true
	}
	want := map[string]bool{
		"asynq:{create}:active holds 1": true, "asynq:{poll}:retry holds 1": true, "asynq:{download}:pending holds 2": true,
		"asynq:{create}:archived holds 1": true,
	}
	if diff := cmp.Diff(want, got); diff != "" || known != 2 {
		t.Errorf("asynq knows of %d, want 2; left (-want +got):\n%s", known, diff)
	}
}
