package app

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hibiken/asynq"
	"github.com/rs/zerolog"

	"heyq/config"
	"heyq/internal/testkit"
)

// The dashboard shows the queues of every kind of Redis, and moves them.
func TestDashboard_on_every_Redis_real(t *testing.T) {
	t.Parallel()
	for name, start := range testkit.EveryRedis {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _, err := config.Load([]string{"REDIS_URL=" + start(t)})
			if err != nil {
				t.Fatal(err)
			}
			testDashboard(t, &App{config: c, log: zerolog.Nop()})
		})
	}
}

func TestDashboard_on_the_embedded_Redis(t *testing.T) {
	t.Parallel()
	testDashboard(t, &App{log: zerolog.Nop()})
}

func testDashboard(t *testing.T, a *App) {
	t.Helper()
	if err := a.openRedis(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.close() })
	if _, err := asynq.NewClientFromRedisClient(a.redis).Enqueue(asynq.NewTask("mail:send", []byte("a secret")), asynq.Queue("create")); err != nil {
		t.Fatal(err)
	}
	pages := a.monitoring()
	ask := func(status int, method, path string) string {
		answer := httptest.NewRecorder()
		pages.ServeHTTP(answer, httptest.NewRequest(method, "/monitoring/api"+path, nil))
		if answer.Code != status {
			t.Fatalf("%s %s: got %d, want %d: %s", method, path, answer.Code, status, answer.Body)
		}
		return answer.Body.String()
	}
	for _, move := range []struct {
		verb   string
		paused bool
	}{{"pause", true}, {"resume", false}} {
		ask(204, "POST", "/queues/create:"+move.verb)
		if shown, want := ask(200, "GET", "/queues"), fmt.Sprintf(`"paused":%v`, move.paused); !strings.Contains(shown, want) || !strings.Contains(shown, `"queue":"create"`) {
			t.Errorf("after a %s the queues are %s", move.verb, shown)
		}
	}
	if shown := ask(200, "GET", "/queues/create/pending_tasks"); !strings.Contains(shown, "8 bytes that are not heyq's") || strings.Contains(shown, "a secret") {
		t.Errorf("the tasks are %s", shown)
	}
	ask(200, "GET", "/redis_info")
	ask(200, "GET", "/servers")
	ask(200, "DELETE", "/queues/create/pending_tasks:delete_all")
	ask(404, "POST", "/queues/create/pending_tasks/gone:run")
}
