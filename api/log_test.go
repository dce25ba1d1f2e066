package api_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"heyq/api"
	"heyq/internal/fault"
)

// dial is the level of a process that can be asked.
type dial struct {
	api.LogState
	all  bool
	away error
}

func (d *dial) Level() api.LogState { return d.LogState }

func (d *dial) Change(_ context.Context, to *zerolog.Level, back time.Duration, all bool) error {
	d.LogState.Level, d.Until, d.all = d.Configured, time.Time{}, all
	if to != nil {
		d.LogState.Level = *to
	}
	if back > 0 {
		d.Until = time.Now().Add(back)
	}
	return d.away
}

type logAnswer struct {
	Level, Configured string
	Until             *time.Time
}

func TestLog(t *testing.T) {
	t.Parallel()
	d := &dial{LogState: api.LogState{Level: zerolog.InfoLevel, Configured: zerolog.InfoLevel}}
	h := open(t, func(o *api.Options) { o.LogLevel = d })
	ask := func(method, body string) (a logAnswer) {
		t.Helper()
		h.must(t, http.StatusOK, method, "/v1/log", body).decode(t, &a)
		return a
	}
	equal(t, "at first", ask("GET", ""), logAnswer{Level: "info", Configured: "info"})
	equal(t, "changed", ask("PUT", `{"level": "debug"}`), logAnswer{Level: "debug", Configured: "info"})
	equal(t, "for all", d.all, true)
	brief := ask("PUT", `{"level": "trace", "for": "10m", "scope": "process"}`)
	if brief.Until == nil || time.Until(*brief.Until) < 9*time.Minute || d.all {
		t.Errorf("until %v, for all %t; want ten minutes, here", brief.Until, d.all)
	}
	equal(t, "back", ask("PUT", `{"level": "configured"}`), logAnswer{Level: "info", Configured: "info"})

	d.away = fault.New(fault.Unavailable, "only here")
	h.must(t, http.StatusServiceUnavailable, "PUT", "/v1/log", `{"level": "debug"}`)
}

func TestLog_refuses_what_it_cannot_do(t *testing.T) {
	t.Parallel()
	h := open(t, func(o *api.Options) { o.LogLevel = &dial{} })
	for body, field := range map[string]string{
		`{"level": "loud"}`:                        "body.level",
		`{}`:                                       "body",
		`{"level": "debug", "for": "soon"}`:        "body.for",
		`{"level": "debug", "for": "-1m"}`:         "body.for",
		`{"level": "debug", "for": "1000h"}`:       "body.for",
		`{"level": "configured", "for": "10m"}`:    "body.for",
		`{"level": "debug", "scope": "everybody"}`: "body.scope",
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
