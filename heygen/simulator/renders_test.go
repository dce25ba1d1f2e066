package simulator_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"heyq/heygen/simulator"
	"heyq/internal/testkit"
)

func TestCap_underConcurrentCreates(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{Concurrency: 7, RenderTime: 20 * time.Millisecond})
	const videos = 100
	var g errgroup.Group
	g.SetLimit(30)
	var refusals atomic.Int64
	for range videos {
		g.Go(func() error {
			deadline := time.Now().Add(20 * time.Second)
			for time.Now().Before(deadline) {
				r := a.do("POST", "/v3/videos", avatar("one"))
				if r.status == http.StatusOK {
					return nil
				}
				if r.status != http.StatusTooManyRequests {
					t.Errorf("status %d: %s", r.status, r.body)
				}
				refusals.Add(1)
			}
			t.Error("never got a slot")
			return nil
		})
	}
	_ = g.Wait()
	l := a.Ledger()
	if l.Accepted != videos || l.MaxInFlight != 7 || refusals.Load() == 0 {
		t.Errorf("%d accepted, %d at most in flight, %d refused", l.Accepted, l.MaxInFlight, refusals.Load())
	}
}

func TestCap(t *testing.T) {
	t.Parallel()
	c := newClock()
	a := start(t, simulator.Options{Concurrency: 2, RenderTime: 90 * time.Second, Clock: c.now})
	one := a.create("one", idempotencyKey, "k.1")
	c.advance(30 * time.Second)
	two := a.create("two")

	r := a.do("POST", "/v3/videos", avatar("three"), idempotencyKey, "k.3")
	if got := refused(t, r); got != (refusal{429, "rate_limit_exceeded", ""}) {
		t.Errorf("%+v", got)
	}
	if seconds, _ := strconv.Atoi(r.header.Get("Retry-After")); seconds != 60 {
		t.Errorf("Retry-After %q, want the 60 s until a slot is free", r.header.Get("Retry-After"))
	}
	if again := a.create("one", idempotencyKey, "k.1"); again != one {
		t.Error("a kept key was not replayed at the cap")
	}
	if r := a.do("POST", "/v3/templates/template_1", object{"variables": object{}}); r.status != 429 {
		t.Errorf("a template went past the cap: %d", r.status)
	}

	a.do("DELETE", "/v3/videos/"+two, nil) // a deletion frees its slot
	a.create("three", idempotencyKey, "k.3")
	c.advance(60 * time.Second) // so does completion
	a.create("four")
	if l := a.Ledger(); l.Accepted != 4 || l.MaxInFlight != 2 {
		t.Errorf("%d accepted, %d at most in flight", l.Accepted, l.MaxInFlight)
	}
}

// A client that gave up does not undo what HeyGen accepted.
func TestLatency_acceptsWithoutTheClient(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{Latency: 2 * time.Second})
	ctx, giveUp := context.WithCancel(t.Context())
	defer giveUp()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { giveUp() }})
	req, err := http.NewRequestWithContext(ctx, "POST", a.url+"/v3/videos", strings.NewReader(`{"type":"avatar","avatar_id":"avatar_1","script":"Hello."}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Api-Key", "test")
	if resp, err := http.DefaultClient.Do(req); err == nil {
		resp.Body.Close()
		t.Fatal("the client got an answer in time")
	}
	testkit.Eventually(t, func() error {
		if a.Ledger().Accepted == 0 {
			return errors.New("the render was not accepted")
		}
		return nil
	})
}
