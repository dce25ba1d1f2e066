package handlers

import (
	"context"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"heyq/internal/webhook"
)

// How deliveries to one host are bounded, in a process.
const (
	placesAtReceiver = 4
	patience         = time.Second      // how long a delivery waits for a place
	longestQueue     = 10 * time.Minute // the latest appointment
)

// receivers keeps a host that is slow from holding up the others: a few
// deliveries are at it at once, and one that finds no place soon gets an
// appointment instead of waiting inside its task.
type receivers struct {
	mu    sync.Mutex
	hosts map[string]*receiver // those that somebody is at, or waits for
}

type receiver struct {
	places *semaphore.Weighted
	users  int           // at it or waiting
	took   time.Duration // the last delivery; until there is one, the longest that it may
	line   time.Time     // the last appointment that was given
}

func newReceivers() *receivers { return &receivers{hosts: map[string]*receiver{}} }

// enter waits for a place at the host of a URL until ctx ends. leave gives the
// place back; where it is nil there was none, and wait is the appointment.
func (r *receivers) enter(ctx context.Context, address string) (leave func(), wait time.Duration) {
	host := hostOf(address)
	at := r.join(host)
	if at.places.Acquire(ctx, 1) != nil {
		defer r.part(host, at)
		return nil, r.appointment(at)
	}
	start := time.Now()
	return func() {
		at.places.Release(1)
		r.mu.Lock()
		at.took = time.Since(start)
		r.mu.Unlock()
		r.part(host, at)
	}, 0
}

// later is an appointment at the host of a URL for a delivery that was not made.
func (r *receivers) later(address string) time.Duration {
	host := hostOf(address)
	at := r.join(host)
	defer r.part(host, at)
	return r.appointment(at)
}

func (r *receivers) join(host string) *receiver {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := r.hosts[host]
	if at == nil {
		at = &receiver{places: semaphore.NewWeighted(placesAtReceiver), took: webhook.Timeout}
		r.hosts[host] = at
	}
	at.users++
	return at
}

func (r *receivers) part(host string, at *receiver) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at.users--; at.users == 0 {
		delete(r.hosts, host)
	}
}

// appointment is when a place will be free for one more, as fast as the last
// delivery went.
func (r *receivers) appointment(at *receiver) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if at.line.Before(now) {
		at.line = now
	}
	at.line = at.line.Add(at.took / placesAtReceiver)
	if latest := now.Add(longestQueue); at.line.After(latest) {
		at.line = latest
	}
	return max(at.line.Sub(now), patience)
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return strings.ToLower(u.Host)
}
