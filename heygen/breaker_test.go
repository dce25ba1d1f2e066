package heygen_test

import (
	"errors"
	"net/http"
	"sync/atomic"
	"testing"

	"heyq/heygen"
	"heyq/internal/policy"
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
		"what its guard has stopped":    {500, func(c *heygen.Create) { c.Guard = func() error { return errors.New("late") } }},
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
