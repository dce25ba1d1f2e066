package policy_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"heyq/internal/policy"
	"heyq/internal/testkit"
)

// process is what stands for one: a Set of its own, and a client of its own.
type process struct {
	breaker *policy.Breaker
	calls   atomic.Int64 // that the breaker let through
	last    atomic.Int64 // when it let the last one through, in Unix nanoseconds
}

// startProcess follows the board until the test ends.
func startProcess(t *testing.T, redisURL string, wait time.Duration) *process {
	t.Helper()
	client := testkit.OpenRedis(t, redisURL)
	set := policy.New(policy.Options{Redis: client, Open: wait})
	p := &process{breaker: set.SharedBreaker("heygen")}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = set.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	return p
}

// call makes a request, if the breaker lets it.
func (p *process) call(url string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	done, err := p.breaker.Allow(ctx)
	if err != nil {
		return err
	}
	p.calls.Add(1)
	p.last.Store(time.Now().UnixNano())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	done(policy.Judge(resp, err))
	if err == nil {
		err = resp.Body.Close()
	}
	return err
}

// keepCalling calls again and again until the test ends.
func (p *process) keepCalling(t *testing.T, url string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var calling sync.WaitGroup
	calling.Go(func() {
		for ticker := time.NewTicker(2 * time.Millisecond); ctx.Err() == nil; <-ticker.C {
			_ = p.call(url)
		}
	})
	t.Cleanup(func() { cancel(); calling.Wait() })
}

func serveStatus(t *testing.T, status *atomic.Int64) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if status.Load() == 0 { // hangs
			<-r.Context().Done()
			return
		}
		w.WriteHeader(int(status.Load()))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// refusing is where nobody listens.
func refusing(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	return "http://" + listener.Addr().String()
}

var errNotYet = errors.New("not yet")

func until(t *testing.T, holds func() bool) {
	t.Helper()
	testkit.Eventually(t, func() error {
		if !holds() {
			return errNotYet
		}
		return nil
	})
}

// Only one process meets the failures: the others are told.
func TestBreaker_is_shared_real(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		bad  func(t *testing.T) string
	}{
		{"answers 500", func(t *testing.T) string {
			var status atomic.Int64
			status.Store(500)
			return serveStatus(t, &status)
		}},
		{"hangs", func(t *testing.T) string { return serveStatus(t, new(atomic.Int64)) }},
		{"refuses connections", refusing},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			const wait = 1500 * time.Millisecond
			url := testkit.Redis(t)
			bad, good := c.bad(t), serveOK(t)
			first, others := startProcess(t, url, wait), []*process{startProcess(t, url, wait), startProcess(t, url, wait)}
			for _, p := range others {
				p.keepCalling(t, good)
				until(t, func() bool { return p.calls.Load() > 10 })
			}
			for range 5 {
				_ = first.call(bad)
			}
			wantState(t, first.breaker, policy.Open)
			opened := time.Now()
			for _, p := range others {
				until(t, func() bool { state, _, _ := p.breaker.State(); return state == policy.Open })
			}
			for i, p := range others {
				after := time.Unix(0, p.last.Load()).Sub(opened)
				t.Logf("process %d made its last call %s after the first one opened", i+2, after.Round(time.Millisecond))
				if after > time.Second {
					t.Errorf("process %d still called after %s", i+2, after)
				}
			}

			// The probe of the process that opened fails, and everybody waits again.
			before := others[0].calls.Load() + others[1].calls.Load()
			until(t, func() bool { state, _, _ := others[0].breaker.State(); return state == policy.Closed })
			if probes := others[0].calls.Load() + others[1].calls.Load() - before; probes < 1 {
				t.Error("it closed without a probe")
			}
			for _, p := range append(others, first) {
				until(t, func() bool { state, _, _ := p.breaker.State(); return state == policy.Closed })
			}
		})
	}
}

func serveOK(t *testing.T) string {
	t.Helper()
	var status atomic.Int64
	status.Store(200)
	return serveStatus(t, &status)
}

// All processes ask for the probe at once, and one gets it, on every kind of Redis.
func TestBreaker_lets_one_probe_through_over_all_processes_real(t *testing.T) {
	t.Parallel()
	for name, start := range testkit.EveryRedis {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantOneProbe(t, start(t))
		})
	}
}

func wantOneProbe(t *testing.T, url string) {
	t.Helper()
	const wait = 300 * time.Millisecond
	var processes []*process
	for range 3 {
		processes = append(processes, startProcess(t, url, wait))
	}
	open(t, processes[0].breaker, 5)
	for _, p := range processes {
		until(t, func() bool { state, _, _ := p.breaker.State(); return state == policy.HalfOpen })
	}
	for round, failure := range []error{errDown, nil} {
		var probes []policy.Done
		var mu sync.Mutex
		ask := func() {
			var asking sync.WaitGroup
			for i := range 60 {
				asking.Go(func() {
					if done, err := processes[i%3].breaker.Allow(t.Context()); err == nil {
						mu.Lock()
						probes = append(probes, done)
						mu.Unlock()
					}
				})
			}
			asking.Wait()
		}
		until(t, func() bool { ask(); return len(probes) > 0 })
		ask() // while somebody has it
		if len(probes) != 1 {
			t.Fatalf("%d probes passed in round %d, want 1", len(probes), round)
		}
		probes[0](failure)
		want := map[bool]policy.State{true: policy.Open, false: policy.Closed}[failure != nil]
		for _, p := range processes {
			until(t, func() bool { state, _, _ := p.breaker.State(); return state == want })
		}
	}
	for _, p := range processes {
		if err := call(t, p.breaker, nil); err != nil {
			t.Error(err)
		}
	}
}

// A probe that died with its process is given to somebody else.
func TestBreaker_gives_a_lost_probe_on_real(t *testing.T) {
	t.Parallel()
	url := testkit.Redis(t)
	a, b := startProcess(t, url, 50*time.Millisecond), startProcess(t, url, 50*time.Millisecond)
	open(t, a.breaker, 5)
	until(t, func() bool { state, _, _ := b.breaker.State(); return state == policy.HalfOpen })
	ended, cancel := context.WithDeadline(t.Context(), time.Now().Add(-4*time.Second)) // so it is held for one
	defer cancel()
	until(t, func() bool { _, err := a.breaker.Allow(ended); return err == nil })
	if err := call(t, b.breaker, nil); err == nil {
		t.Fatal("two probes at once")
	}
	until(t, func() bool { return call(t, b.breaker, nil) == nil })
	wantState(t, b.breaker, policy.Closed)
}

func TestBreaker_works_alone_while_Redis_is_away_real(t *testing.T) {
	t.Parallel()
	const wait = time.Second
	server := testkit.StartRedis(t)
	a, b := startProcess(t, server.URL(), wait), startProcess(t, server.URL(), wait)
	if err := call(t, b.breaker, nil); err != nil {
		t.Fatal(err)
	}
	server.Kill()
	open(t, a.breaker, 5)
	if err := call(t, b.breaker, nil); err != nil {
		t.Errorf("the other one stopped: %v", err)
	}
	until(t, func() bool { return call(t, a.breaker, errDown) == nil }) // its own probe
	wantState(t, a.breaker, policy.Open)

	// What the board could not be told it is told when it is there again.
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	until(t, func() bool { state, _, _ := b.breaker.State(); return state != policy.Closed })
	until(t, func() bool { return call(t, b.breaker, nil) == nil })
	until(t, func() bool { state, _, _ := a.breaker.State(); return state == policy.Closed })
}

func TestBreaker_survives_a_Redis_that_forgets_real(t *testing.T) {
	t.Parallel()
	url := testkit.Redis(t)
	a := startProcess(t, url, time.Minute)
	open(t, a.breaker, 5)
	options, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	defer client.Close()
	until(t, func() bool { return client.Exists(t.Context(), "heyq:breaker:heygen").Val() == 1 })
	if err := client.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	until(t, func() bool { return client.Exists(t.Context(), "heyq:breaker:heygen").Val() == 1 })
	wantState(t, a.breaker, policy.Open)
}
