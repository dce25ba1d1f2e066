package chaos

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"heyq/internal/heygenhook"
	"heyq/internal/testkit"
)

// What the neighbour has is such that a heyq which forgot to look at the word, the
// prefix or the name would take it for its own; and each harm is found.
func TestHarmed_real(t *testing.T) {
	t.Parallel()
	s := &stage{o: Options{RenderTime: time.Millisecond}, dir: t.TempDir(), redis: testkit.StartRedis(t), door: &door{url: "http://127.0.0.1:7"}}
	var err error
	if s.heygen, err = openAccount(s.o, "ours"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.heygen.close() })
	client, err := s.redisClient()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	ctx := t.Context()

	if !token.MatchString(neighbourTitle) {
		t.Errorf("%q is no title of a heyq's", neighbourTitle)
	}
	atHeyGen := func(method, path string, body any) {
		t.Helper()
		if err := s.heygen.send(ctx, method, path, body, nil); err != nil {
			t.Fatal(err)
		}
	}
	redisDo := func(args ...any) {
		t.Helper()
		if err := client.Do(ctx, args...).Err(); err != nil && err != redis.Nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name string
		harm func()
		want string // in what is said of it; empty: nothing is
	}{
		{"none", func() {}, ""},
		{"a render that was deleted", func() { atHeyGen(http.MethodDelete, "/v3/videos/"+s.neighbour.render, nil) }, "render"},
		{"an endpoint that was deleted", func() {
			atHeyGen(http.MethodDelete, "/v3/webhooks/endpoints/"+s.neighbour.endpoint.ID, nil)
		}, "endpoint"},
		{"an endpoint that was replaced", func() {
			atHeyGen(http.MethodDelete, "/v3/webhooks/endpoints/"+s.neighbour.endpoint.ID, nil)
			atHeyGen(http.MethodPost, "/v3/webhooks/endpoints", map[string]any{"url": s.neighbour.endpoint.URL, "events": s.neighbour.endpoint.Events})
		}, "endpoint"},
		{"an endpoint that was changed", func() {
			atHeyGen(http.MethodPatch, "/v3/webhooks/endpoints/"+s.neighbour.endpoint.ID, map[string]any{"events": []string{"avatar_video.success"}})
		}, "endpoint"},
		{"a file that was moved away", func() { _ = os.RemoveAll(s.neighbour.folder) }, "file"},
		{"a file that was written to", func() { _ = os.WriteFile(filepath.Join(s.neighbour.folder, "video.mp4"), []byte("ours"), 0o600) }, "file"},
		{"a task that was taken", func() { redisDo("RPOPLPUSH", neighbourQueue+"pending", neighbourQueue+"active") }, "keys"},
		{"a task that was deleted", func() { redisDo("DEL", neighbourQueue+"pending", neighbourQueue+"t:"+neighbourTaskID) }, "keys"},
		{"a task that was changed", func() { redisDo("HSET", neighbourQueue+"t:"+neighbourTaskID, "state", "active") }, "task"},
		{"a task beside it", func() { redisDo("LPUSH", neighbourQueue+"pending", "ours") }, "task"},
		{"all was emptied", func() { redisDo("FLUSHALL") }, "keys"},
	} {
		redisDo("FLUSHALL")
		if err := s.openNeighbour(ctx); err != nil {
			t.Fatal(err)
		}
		if address, word := heygenhook.Owner(s.neighbour.endpoint.URL); address != s.door.url+heygenhook.Path || word != neighbourWord {
			t.Errorf("the endpoint is %q, want our address with another word", s.neighbour.endpoint.URL)
		}
		if info, err := os.Stat(s.neighbour.folder); err != nil || time.Since(info.ModTime()) < 25*time.Hour {
			t.Errorf("its file is of an age that a sweep spares (%v)", err)
		}
		testkit.Eventually(t, func() error { // a render takes a moment
			status, err := s.heygen.status(ctx, s.neighbour.render)
			if err == nil && status != "completed" {
				err = errors.New("its render is " + status)
			}
			return err
		})
		c.harm()
		harm, err := s.harmed(ctx)
		if err != nil {
			t.Fatal(err)
		}
		found := strings.Join(harm, "; ")
		if (found == "") != (c.want == "") || !strings.Contains(found, c.want) || len(harm) > 1 {
			t.Errorf("%s: %q", c.name, found)
		}
		i := evidence{harm: harm}.neighbourIsWell()
		wantBreach(t, i, c.want)
	}
}
