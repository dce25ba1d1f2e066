package heygen_test

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"heyq/heygen"
)

func TestRetry_of_reads(t *testing.T) {
	t.Parallel()
	status := func(code int, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			say(code, "")(w, r)
		}
	}
	hangUp := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	for _, c := range []struct {
		name  string
		bad   http.HandlerFunc
		times int32 // bad answers before the good one
		tries int32
		ok    bool
	}{
		{"a broken gateway", status(502), 2, 3, true},
		{"a server that stays broken", status(500), 9, 3, false},
		{"a lost connection", hangUp, 1, 2, true},
		{"a short pause", status(429, "Retry-After", "1"), 1, 2, true},
		{"a long pause", status(429, "Retry-After", "60"), 1, 1, false},
		{"a pause that does not say how long", status(429), 1, 1, false},
		{"no such video", status(404), 1, 1, false},
		{"not implemented", status(501), 1, 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var tries atomic.Int32
			client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
				if tries.Add(1) <= c.times {
					c.bad(w, r)
					return
				}
				say(200, `{"data":{"id":"x","status":"processing"}}`)(w, r)
			})
			_, err := client.Videos.Get(t.Context(), "x")
			if (err == nil) != c.ok || tries.Load() != c.tries {
				t.Errorf("%d tries, err %v; want %d, ok %t", tries.Load(), err, c.tries, c.ok)
			}
		})
	}
}

func TestRetry_leaves_deletes_alone(t *testing.T) {
	t.Parallel()
	var tries atomic.Int32
	client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		tries.Add(1)
		say(503, "")(w, r)
	})
	err := client.Videos.Delete(t.Context(), "x")
	if e, ok := errors.AsType[*heygen.Error](err); !ok || e.Status != 503 || tries.Load() != 1 {
		t.Errorf("%d tries, err %v", tries.Load(), err)
	}
}

func TestRetry_ends_with_the_timeout(t *testing.T) {
	t.Parallel()
	client := clientOf(t, say(503, ""), func(o *heygen.Options) { o.Timeout = timeoutOf(30 * time.Millisecond) })
	if _, err := client.Users.Me(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want that the time was up", err)
	}
}
