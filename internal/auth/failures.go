package auth

import (
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"heyq/internal/logkey"
)

// How often an address may be wrong, and how many addresses are remembered:
// those that were wrong last, in 3 MB at most.
const (
	mostFailures  = 10
	failureWindow = time.Minute
	mostAddresses = 10_000
)

// failures remembers who showed wrong tokens.
type failures struct {
	mu sync.Mutex
	by *simplelru.LRU[netip.Prefix, []time.Time] // the last mostFailures of each, oldest first
}

func newFailures() *failures {
	by, _ := simplelru.NewLRU[netip.Prefix, []time.Time](mostAddresses, nil) // it only refuses a size below one
	return &failures{by: by}
}

// note notes that an address showed a wrong token. It returns how long the
// address should wait before it shows another, zero below the limit, and whether
// this was the one that reached it.
func (f *failures) note(address netip.Prefix, now time.Time) (wait time.Duration, last bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	seen, _ := f.by.Get(address)
	if len(seen) == mostFailures {
		if wait := failureWindow - now.Sub(seen[0]); wait > 0 {
			return wait, false
		}
		seen = seen[1:]
	}
	seen = append(seen, now)
	f.by.Add(address, seen)
	return 0, len(seen) == mostFailures && now.Sub(seen[0]) < failureWindow
}

// forgive takes back what was noted of an address last: it was right after all.
func (f *failures) forgive(address netip.Prefix) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if seen, ok := f.by.Get(address); ok && len(seen) > 1 {
		f.by.Add(address, slices.Clone(seen[:len(seen)-1]))
	} else if ok {
		f.by.Remove(address)
	}
}

// right takes back that a request was wrong.
func (d *Authenticator) right(r *http.Request) { d.failures.forgive(d.proxies.addressOf(r)) }

// try finds who shows a token. The right one passes at any time: a client that shares
// its address with a stranger must not be locked out by the stranger.
func (d *Authenticator) try(r *http.Request, shown string) (who any, wait time.Duration, err error) {
	if d.token.is(shown) {
		return d.operator, 0, nil
	}
	if who, err = d.find(r.Context(), shown); who != nil || err != nil {
		return who, 0, err
	}
	return nil, d.wrong(r), nil
}

// wrong notes that a request showed a wrong token, or tries a password. That of an
// address that was wrong too often is answered late, and with a wait above zero. Guessing
// a token is hopeless all the same: it has 24 characters at least.
func (d *Authenticator) wrong(r *http.Request) (wait time.Duration) {
	address := d.proxies.addressOf(r)
	wait, last := d.failures.note(address, d.now())
	if last {
		d.log.Warn().Stringer(logkey.Address, address).Msg("ten wrong tokens or passwords within a minute: others from this address are answered late")
	}
	if wait > 0 {
		late := time.NewTimer(d.delay)
		defer late.Stop()
		select {
		case <-late.C:
		case <-r.Context().Done():
		}
	}
	return wait
}

// counted has each request count as a wrong one of its address, until next has answered it
// with a success. That of an address that was wrong too often does not reach next.
func (d *Authenticator) counted(next http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if wait := d.wrong(r); wait > 0 {
			tellToWait(w, wait)
			writeProblem(w, http.StatusTooManyRequests, tooManyPasswords)
			return
		}
		answer := &outcome{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(answer, r)
		if answer.status < http.StatusBadRequest {
			d.right(r)
		}
	}
}

// outcome remembers the status of an answer.
type outcome struct {
	http.ResponseWriter
	status int
}

func (w *outcome) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *outcome) Unwrap() http.ResponseWriter { return w.ResponseWriter }
