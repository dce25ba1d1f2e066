package heygen_test

import (
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"heyq/heygen"
	"heyq/internal/policy"
)

// limitedTo gives a client a rate limit, and says how long a call waits for it.
func limitedTo(perSecond float64, patience time.Duration) func(*heygen.Options) {
	return func(o *heygen.Options) {
		o.Limiter, o.Patience = policy.New(policy.Options{}).Limiter("heygen", perSecond, max(1, int(perSecond))), patience
	}
}

// A call that has to wait for too long is not sent, and says when it would be.
func TestLimit_refuses_what_would_wait_too_long(t *testing.T) {
	t.Parallel()
	var sent atomic.Int32
	client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		sent.Add(1)
		say(200, `{"data":{"video_id":"x","status":"waiting"}}`)(w, r)
	}, limitedTo(0.01, time.Millisecond))
	if _, err := client.Videos.Create(t.Context(), aCreate); err != nil {
		t.Fatal(err)
	}
	_, err := client.Videos.Create(t.Context(), aCreate)
	refusal := policy.RefusalIn(err)
	if !errors.Is(err, heygen.ErrNotSent) || refusal == nil || refusal.Closed || refusal.Wait < 90*time.Second || sent.Load() != 1 {
		t.Errorf("%d creates were sent; got %v", sent.Load(), err)
	}
}

// What waited may have waited for too long: the guard is asked after that.
func TestLimit_waits_before_the_guard_is_asked(t *testing.T) {
	t.Parallel()
	client := clientOf(t, say(200, `{"data":{"video_id":"x","status":"waiting"}}`), limitedTo(20, time.Minute))
	start := time.Now()
	var asked time.Duration
	create := aCreate
	create.MaySend = func() error { asked = time.Since(start); return nil }
	for range 22 { // twenty at once
		if _, err := client.Videos.Create(t.Context(), create); err != nil {
			t.Fatal(err)
		}
	}
	if asked < 90*time.Millisecond {
		t.Errorf("the guard was asked after %s, and the call had to wait for 100 ms", asked)
	}
}

func TestLimit_slows_down_after_a_429(t *testing.T) {
	t.Parallel()
	client := clientOf(t, say(429, ""), limitedTo(0.1, time.Millisecond))
	_, err := client.Videos.Get(t.Context(), "x")
	if answer, ok := errors.AsType[*heygen.Error](err); !ok || answer.Status != 429 {
		t.Fatalf("got %v", err)
	}
	if _, err := client.Videos.Get(t.Context(), "x"); policy.RefusalIn(err) == nil {
		t.Errorf("the next one passes: %v", err)
	}
}
