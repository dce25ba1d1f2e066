package heygen_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"heyq/heygen"
	"heyq/internal/policy"
	"heyq/internal/testkit"
	"heyq/internal/trace"
)

// withBreaker gives a client a breaker that opens at the first failure.
func withBreaker(b **policy.Breaker) func(*heygen.Options) {
	*b = policy.New(policy.Options{Failures: 1}).Breaker("heygen")
	return func(o *heygen.Options) { o.Breaker = *b }
}

var aCreate = heygen.Create{Body: heygen.AvatarVideo{}, IdempotencyKey: "k"}

func TestBreaker_keeps_calls_from_a_HeyGen_that_is_down(t *testing.T) {
	t.Parallel()
	var sent atomic.Int32
	var b *policy.Breaker
	client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		sent.Add(1)
		say(500, "")(w, r)
	}, withBreaker(&b))
	if _, err := client.Videos.Create(t.Context(), aCreate); err == nil || errors.Is(err, heygen.ErrNotSent) {
		t.Fatalf("got %v, want the answer's error", err)
	}
	_, createErr := client.Videos.Create(t.Context(), aCreate)
	_, getErr := client.Videos.Get(t.Context(), "x")
	for call, err := range map[string]error{"create": createErr, "get": getErr} {
		if refusal := policy.RefusalIn(err); !errors.Is(err, heygen.ErrNotSent) || refusal == nil || refusal.Wait <= 0 {
			t.Errorf("%s: got %v, want not sent, and for how long", call, err)
		}
	}
	if n := sent.Load(); n != 1 {
		t.Errorf("%d requests were sent, want 1", n)
	}
}

func TestBreaker_does_not_count(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		create func(*heygen.Create)
	}{
		"a 429":                         {429, nil},
		"a refusal":                     {400, nil},
		"a key that is wrong":           {401, nil},
		"what may not be sent any more": {500, func(c *heygen.Create) { c.MaySend = func() error { return errors.New("late") } }},
		"what cannot even be a request": {500, func(c *heygen.Create) { c.TemplateID = ".." }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b *policy.Breaker
			client := clientOf(t, say(c.status, ""), withBreaker(&b))
			create := aCreate
			if c.create != nil {
				c.create(&create)
			}
			if _, err := client.Videos.Create(t.Context(), create); err == nil {
				t.Error("it was accepted")
			}
			if err := b.Check(); err != nil {
				t.Error(err)
			}
		})
	}
}

// A read that fails is repeated, and counts once. When the breaker opens in the
// meantime, it is not repeated any more.
func TestBreaker_ends_the_repetitions_of_a_read(t *testing.T) {
	t.Parallel()
	var sent atomic.Int32
	var b *policy.Breaker
	client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		sent.Add(1)
		if done, err := b.Allow(r.Context()); err == nil {
			done(errors.New("somebody else's failure"))
		}
		say(500, "")(w, r)
	}, withBreaker(&b))
	_, err := client.Videos.Get(t.Context(), "x")
	if answer, ok := errors.AsType[*heygen.Error](err); !ok || answer.Status != 500 || sent.Load() != 1 {
		t.Errorf("%d requests were sent; got %v", sent.Load(), err)
	}
}

// net/http repeats a read on its own if a pooled connection turns out to be
// dead. A probe is one request all the same.
func TestBreaker_probes_with_one_request(t *testing.T) {
	t.Parallel()
	for name, carry := range map[string]func(http.RoundTripper) http.RoundTripper{
		"plain":  func(wire http.RoundTripper) http.RoundTripper { return wire },
		"traced": func(wire http.RoundTripper) http.RoundTripper { return &trace.Transport{Next: wire} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			probesOnce(t, carry(heygen.NewTransport()))
		})
	}
}

func probesOnce(t *testing.T, transport http.RoundTripper) {
	t.Helper()
	var sent atomic.Int32
	var down atomic.Bool
	var pooled sync.WaitGroup
	pooled.Add(4)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if down.Load() {
			sent.Add(1)
			panic(http.ErrAbortHandler)
		}
		pooled.Done()
		pooled.Wait() // so that each has a connection
		say(200, `{"data":{"id":"x","status":"processing"}}`)(w, r)
	}))
	t.Cleanup(server.Close)
	b := policy.New(policy.Options{Failures: 1, Open: time.Millisecond}).Breaker("heygen")
	client, err := heygen.New(heygen.Options{BaseURL: server.URL, APIKey: testKey, Breaker: b, Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, err := client.Videos.Get(t.Context(), "x"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	done, err := b.Allow(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	done(errors.New("it opens"))
	down.Store(true)
	testkit.Eventually(t, func() error {
		if state, _, _ := b.State(); state != policy.HalfOpen {
			return errors.New(state.String())
		}
		return nil
	})
	if _, err := client.Videos.Get(t.Context(), "x"); err == nil || sent.Load() != 1 {
		t.Errorf("the probe was %d requests (%v)", sent.Load(), err)
	}
}
