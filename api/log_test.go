package api_test

import (
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"heyq/api"
	"heyq/internal/logs"
)

type logAnswer struct {
	Level, Configured string
	Until             *time.Time
}

func TestLog(t *testing.T) {
	t.Parallel()
	_, level := logs.New(io.Discard, zerolog.InfoLevel)
	t.Cleanup(level.Close)
	h := open(t, func(o *api.Options) { o.LogLevel = level })
	ask := func(method, body string) (a logAnswer) {
		t.Helper()
		h.must(t, http.StatusOK, method, "/v1/log", body).decode(t, &a)
		return a
	}
	equal(t, "at first", ask("GET", ""), logAnswer{Level: "info", Configured: "info"})
	equal(t, "changed", ask("PUT", `{"level": "debug"}`), logAnswer{Level: "debug", Configured: "info"})
	equal(t, "the level", level.Now(), zerolog.DebugLevel)
	if brief := ask("PUT", `{"level": "trace", "for": "10m"}`); brief.Until == nil || time.Until(*brief.Until) < 9*time.Minute {
		t.Errorf("until %v; want ten minutes", brief.Until)
	}
	equal(t, "back", ask("PUT", `{"level": "configured"}`), logAnswer{Level: "info", Configured: "info"})
}

func TestLog_refuses_what_it_cannot_do(t *testing.T) {
	t.Parallel()
	h := open(t, func(o *api.Options) { _, o.LogLevel = logs.New(io.Discard, zerolog.TraceLevel) })
	for body, field := range map[string]string{
		`{"level": "loud"}`:                     "body.level",
		`{}`:                                    "body",
		`{"level": "debug", "for": "soon"}`:     "body.for",
		`{"level": "debug", "for": "-1m"}`:      "body.for",
		`{"level": "debug", "for": "1000h"}`:    "body.for",
		`{"level": "configured", "for": "10m"}`: "body.for",
		`{"level": "debug", "scope": "all"}`:    "body.scope",
	} {
		var p struct {
			Errors []struct{ Location, Message string }
		}
		h.must(t, http.StatusUnprocessableEntity, "PUT", "/v1/log", body).decode(t, &p)
		if len(p.Errors) != 1 || p.Errors[0].Location != field || p.Errors[0].Message == "" {
			t.Errorf("%s: %+v", body, p.Errors)
		}
	}
	open(t).must(t, http.StatusServiceUnavailable, "GET", "/v1/log", "")
}
