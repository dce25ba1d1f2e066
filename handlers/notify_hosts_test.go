package handlers

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"heyq/internal/notify"
)

// enterFor tries for as long as a delivery would.
func enterFor(t *testing.T, r *notifyHosts, url string) (leave func(), wait time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return r.enter(ctx, url)
}

func TestNotifyHosts_bound_each_host_alone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newNotifyHosts()
		var leaves []func()
		for range placesAtHost {
			leave, _ := enterFor(t, r, "https://slow.example.com/a")
			leaves = append(leaves, leave)
		}
		if leave, _ := enterFor(t, r, "https://SLOW.example.com/b"); leave != nil {
			t.Error("one more found a place at a full host")
		}
		leave, _ := enterFor(t, r, "https://other.example.com/a")
		if leave == nil {
			t.Fatal("another host was full as well")
		}
		leave()
		time.AfterFunc(patience/2, leaves[0])
		if leave, _ := enterFor(t, r, "https://slow.example.com/c"); leave == nil {
			t.Error("a place became free and was not given")
		} else {
			leave()
		}
		for _, leave := range leaves[1:] {
			leave()
		}
		if len(r.hosts) != 0 {
			t.Errorf("%d hosts are remembered", len(r.hosts))
		}
	})
}

func TestNotifyHosts_give_appointments_as_fast_as_the_host_is(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newNotifyHosts()
		const url = "https://slow.example.com"
		var leaves []func()
		for range placesAtHost {
			leave, _ := enterFor(t, r, url)
			leaves = append(leaves, leave)
		}
		// Nothing is known of it: it may take as long as any.
		_, first := enterFor(t, r, url)
		_, second := enterFor(t, r, url)
		if step := notify.Timeout / placesAtHost; first != step || second != 2*step-patience {
			t.Errorf("appointments in %s, and a second later in %s; want one each %s", first, second, step)
		}
		for range 1000 {
			if _, wait := enterFor(t, r, url); wait > longestQueue {
				t.Fatalf("an appointment in %s", wait)
			}
		}
		for _, leave := range leaves {
			leave()
		}
	})
}
