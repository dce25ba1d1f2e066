package handlers

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"heyq/internal/testkit"
	"heyq/store"
)

func TestPollSchedule_first(t *testing.T) {
	t.Parallel()
	const interval = 5 * time.Second
	repeat := func(n int, took time.Duration) []time.Duration {
		list := make([]time.Duration, n)
		for i := range list {
			list[i] = took
		}
		return list
	}
	for _, c := range []struct {
		name string
		saw  []time.Duration
		want time.Duration
	}{
		{"nothing known", nil, interval},
		{"half of what the one render took", []time.Duration{time.Minute}, 30 * time.Second},
		{"half of the median, not of the mean", []time.Duration{20 * time.Second, time.Hour, 40 * time.Second}, 20 * time.Second},
		{"not before the interval", []time.Duration{time.Second}, interval},
		{"not after two minutes", []time.Duration{15 * time.Minute}, 2 * time.Minute},
		{"old renders are forgotten", append(repeat(rememberedRenders, time.Hour), repeat(rememberedRenders, 20*time.Second)...), 10 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newPollSchedule(interval)
			for _, took := range c.saw {
				p.completed(took, false)
			}
			if got := p.first(); got != c.want {
				t.Errorf("first poll after %s, want %s", got, c.want)
			}
		})
	}
}

// What renders took outlives the worker that saw them.
func TestPollSchedule_is_learned_from_the_store(t *testing.T) {
	t.Parallel()
	s := measured{newFakeStore(), slices.Repeat([]time.Duration{time.Minute}, rememberedRenders)}
	h := New(Options{Store: s, Log: zerolog.Nop(), Lease: time.Minute, PollInterval: 5 * time.Second})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- h.Run(ctx) }()
	testkit.Eventually(t, func() error {
		if got := h.polls.first(); got != 30*time.Second {
			return fmt.Errorf("first poll after %s, want half of the minute that renders took", got)
		}
		return nil
	})
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}

	p := newPollSchedule(5 * time.Second)
	p.completed(20*time.Second, false)
	p.learn([]time.Duration{time.Hour, time.Hour, 10 * time.Minute})                  // newest first
	want := []time.Duration{10 * time.Minute, time.Hour, time.Hour, 20 * time.Second} // the oldest is overwritten first
	if !slices.Equal(p.took, want) {
		t.Errorf("it remembers %v, want %v", p.took, want)
	}
	p.learn(slices.Repeat([]time.Duration{time.Second}, 2*rememberedRenders))
	if len(p.took) != rememberedRenders || p.took[rememberedRenders-1] != 20*time.Second {
		t.Errorf("it remembers %d times, the last of them %s", len(p.took), p.took[len(p.took)-1])
	}
}

// measured is a store that has measured renders.
type measured struct {
	*fakeStore
	took []time.Duration
}

func (s measured) RenderTimes(_ context.Context, n int) ([]time.Duration, error) {
	return s.took[:min(n, len(s.took))], nil
}

func TestPollSchedule_next(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		interval time.Duration
		run      store.Run
		want     time.Duration
	}{
		{"young", 5 * time.Second, store.Run{RenderingFor: 15 * time.Minute}, 5 * time.Second},
		{"old", 5 * time.Second, store.Run{RenderingFor: 15*time.Minute + 1}, time.Minute},
		{"past its deadline", 5 * time.Second, store.Run{RenderingFor: 2 * time.Hour, PastDeadline: true}, 3 * time.Minute},
		{"a long interval is kept to", 10 * time.Minute, store.Run{RenderingFor: time.Hour}, 10 * time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := newPollSchedule(c.interval).next(c.run); got != c.want {
				t.Errorf("next poll after %s, want %s", got, c.want)
			}
		})
	}
}

// Hints slow the polls down once they have told of enough completions in a
// row, and a single one that they did not tell of ends that at once.
func TestPollSchedule_hints(t *testing.T) {
	t.Parallel()
	const interval, took = 5 * time.Second, 40 * time.Second
	type rhythm struct{ First, Next time.Duration }
	fast, slow := rhythm{20 * time.Second, interval}, rhythm{100 * time.Second, time.Minute}
	for _, c := range []struct {
		name string
		saw  string // h: a hint told of the completion; l: a poll found it
		want rhythm
	}{
		{"polls alone", "llllllll", fast},
		{"not enough hints yet", "hhhh", fast},
		{"enough hints", "hhhhh", slow},
		{"polls long ago", "llllllhhhhh", slow},
		{"hints with a poll between them", "hhhhlhhhh", fast},
		{"a completion that nobody told of", "hhhhhhhhhl", fast},
		{"hints again after it", "hhhhhhlhhhhh", slow},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newPollSchedule(interval)
			for _, by := range c.saw {
				p.completed(took, by == 'h')
			}
			compare(t, "rhythm", rhythm{p.first(), p.next(store.Run{})}, c.want)
		})
	}
}

// The safety net has bounds of its own.
func TestPollSchedule_hints_bounds(t *testing.T) {
	t.Parallel()
	type rhythm struct{ First, Next, Dead time.Duration }
	for _, c := range []struct {
		name           string
		interval, took time.Duration
		want           rhythm
	}{
		{"quick renders", 250 * time.Millisecond, 3 * time.Second, rhythm{6 * time.Second, 3 * time.Second, 3 * time.Minute}},
		{"slow renders", 5 * time.Second, time.Hour, rhythm{16 * time.Minute, time.Minute, 3 * time.Minute}},
		{"an interval longer than all of it", time.Hour, time.Minute, rhythm{61 * time.Minute, time.Hour, time.Hour}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newPollSchedule(c.interval)
			for range trustHints {
				p.completed(c.took, true)
			}
			got := rhythm{p.first(), p.next(store.Run{}), p.next(store.Run{PastDeadline: true})}
			compare(t, "rhythm", got, c.want)
		})
	}
}
