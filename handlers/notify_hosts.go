package handlers

import (
	"context"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"heyq/internal/notify"
)

// How deliveries to one host are bounded, in a process.
const (
	placesAtHost = 4
	patience     = time.Second      // how long a delivery waits for a place
	longestQueue = 10 * time.Minute // the latest appointment
)

// notifyHosts bounds how many deliveries go to one host at the same time, so that a slow
// host does not hold up the others. A delivery that finds no place soon is put off to a
// later time, and does not wait inside its task.
type notifyHosts struct {
	mu    sync.Mutex
	hosts map[string]*notifyHost // to which deliveries are going, or wait to go
}

type notifyHost struct {
	places *semaphore.Weighted
	users  int           // at it or waiting
	took   time.Duration // the last delivery; until there is one, the longest that it may
	line   time.Time     // the last appointment that was given
}

func newNotifyHosts() *notifyHosts { return &notifyHosts{hosts: map[string]*notifyHost{}} }

// enter waits for a place at the host of a URL until ctx ends. leave gives the
// place back; if it is nil there was none, and wait is the appointment.
func (r *notifyHosts) enter(ctx context.Context, address string) (leave func(), wait time.Duration) {
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
func (r *notifyHosts) later(address string) time.Duration {
	host := hostOf(address)
	at := r.join(host)
	defer r.part(host, at)
	return r.appointment(at)
}

func (r *notifyHosts) join(host string) *notifyHost {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := r.hosts[host]
	if at == nil {
		at = &notifyHost{places: semaphore.NewWeighted(placesAtHost), took: notify.Timeout}
		r.hosts[host] = at
	}
	at.users++
	return at
}

func (r *notifyHosts) part(host string, at *notifyHost) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at.users--; at.users == 0 {
		delete(r.hosts, host)
	}
}

// appointment is when a place will be free for one more, as fast as the last
// delivery went.
func (r *notifyHosts) appointment(at *notifyHost) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if at.line.Before(now) {
		at.line = now
	}
	at.line = at.line.Add(at.took / placesAtHost)
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
