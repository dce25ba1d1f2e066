package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"heyq/api"
	"heyq/store"
)

func TestRequestID(t *testing.T) {
	t.Parallel()
	h := open(t)
	got := h.must(t, http.StatusOK, "GET", "/healthz", "", "X-Request-Id", "trace-1")
	equal(t, "a caller's id", got.header.Get("X-Request-Id"), "trace-1")
	if !strings.Contains(h.log.String(), `"request_id":"trace-1"`) || !strings.Contains(h.log.String(), `"level":"debug"`) {
		t.Errorf("the log line is %q", h.log)
	}
	for _, id := range []string{"", "two words", strings.Repeat("x", 129)} {
		got := h.must(t, http.StatusOK, "GET", "/healthz", "", "X-Request-Id", id)
		if _, err := uuid.Parse(got.header.Get("X-Request-Id")); err != nil {
			t.Errorf("id %q became %q, want one of heyq's own", id, got.header.Get("X-Request-Id"))
		}
	}
	equal(t, "log lines", strings.Count(h.log.String(), "\n"), 4)
}

// clumsy panics where it should read.
type clumsy struct{ down }

func (clumsy) Video(context.Context, store.Viewer, uuid.UUID) (store.Video, error) {
	panic("nil pointer somewhere")
}

func TestPanic(t *testing.T) {
	t.Parallel()
	h := open(t, func(o *api.Options) { o.Store = clumsy{} })
	got := h.must(t, http.StatusInternalServerError, "GET", "/v1/videos/"+uuid.NewString(), "")
	got.problem(t)
	if strings.Contains(got.body, "nil pointer") {
		t.Errorf("the answer holds the panic: %s", got.body)
	}
	if log := h.log.String(); !strings.Contains(log, "nil pointer somewhere") || !strings.Contains(log, "middleware_test.go") {
		t.Errorf("the log names neither panic nor place: %s", log)
	}
	h.must(t, http.StatusOK, "GET", "/v1/videos", "") // it serves on
}

// eternal has a video whose time no JSON can hold: huma learns of it when the
// answer has begun.
type eternal struct{ down }

func (eternal) Video(context.Context, store.Viewer, uuid.UUID) (store.Video, error) {
	return store.Video{NotBefore: time.Date(12345, 1, 1, 0, 0, 0, 0, time.UTC)}, nil
}

func TestPanic_within_an_answer(t *testing.T) {
	t.Parallel()
	h := open(t, func(o *api.Options) { o.Store = eternal{} })
	defer func() {
		if p := recover(); p != http.ErrAbortHandler {
			t.Errorf("the connection is not cut off: %v", p)
		}
		if log := h.log.String(); !strings.Contains(log, "year outside of range") || !strings.Contains(log, `"info"`) {
			t.Errorf("the log line is %q", log)
		}
	}()
	h.call(t, "GET", "/v1/videos/"+uuid.NewString(), "")
}

func (clumsy) Videos(context.Context, store.Viewer, store.Filter, store.Page) ([]store.Video, int, error) {
	return nil, 0, nil
}
