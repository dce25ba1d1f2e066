package handlers

import (
	"testing"
	"time"

	"heyq/store"
)

func TestPace_firstLook(t *testing.T) {
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
		{"old renders are forgotten", append(repeat(paceMemory, time.Hour), repeat(paceMemory, 20*time.Second)...), 10 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newPace(interval)
			for _, took := range c.saw {
				p.saw(took)
			}
			if got := p.firstLook(); got != c.want {
				t.Errorf("first look after %s, want %s", got, c.want)
			}
		})
	}
}

func TestPace_nextLook(t *testing.T) {
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
			if got := newPace(c.interval).nextLook(c.run); got != c.want {
				t.Errorf("next look after %s, want %s", got, c.want)
			}
		})
	}
}
