package main

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// door stands in front of the simulator and notes who comes.
type door struct {
	simulator http.Handler
	down      atomic.Pointer[trouble]

	mu    sync.Mutex
	calls []call
}

// trouble is a fault, for those whose key it names; empty: for everybody.
type trouble struct {
	key   string
	fault http.HandlerFunc
}

// call is one request to HeyGen's API.
type call struct {
	key      string // which worker made it: each has a key of its own
	at, done time.Time
	failed   bool
}

// faults are what HeyGen does while it is down.
var faults = map[string]http.HandlerFunc{
	"500":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
	"hang": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	"reset": func(http.ResponseWriter, *http.Request) {
		panic(http.ErrAbortHandler) // net/http closes the connection
	},
}

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key := r.Header.Get("X-Api-Key")
	if key == "" { // a file
		d.simulator.ServeHTTP(w, r)
		return
	}
	bad := d.down.Load()
	if bad != nil && bad.key != "" && bad.key != key {
		bad = nil
	}
	n := d.came(call{key: key, at: time.Now(), failed: bad != nil})
	defer d.left(n)
	if bad != nil {
		bad.fault(w, r)
		return
	}
	d.simulator.ServeHTTP(w, r)
}

func (d *door) came(c call) (n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls = append(d.calls, c)
	return len(d.calls) - 1
}

func (d *door) left(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls[n].done = time.Now()
}

// since returns the calls that came after a moment.
func (d *door) since(start time.Time) (list []call) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range d.calls {
		if c.at.After(start) {
			list = append(list, c)
		}
	}
	return list
}
