package policy_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"heyq/internal/policy"
)

// metric is the sum of a metric over its labels.
func metric(t *testing.T, s *policy.Set, name string) float64 {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(s.Collectors()...)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	return sum
}

func TestCollectors_are_well_formed(t *testing.T) {
	t.Parallel()
	s := policy.New(policy.Options{Failures: 1})
	open(t, s.Breaker("heygen"), 1)
	open(t, s.Hosts("files").Of("down"), 1)
	for _, c := range s.Collectors() {
		problems, err := testutil.CollectAndLint(c)
		if err != nil || len(problems) > 0 {
			t.Errorf("%v %v", problems, err)
		}
	}
	if state, opened := metric(t, s, "heyq_breaker_state"), metric(t, s, "heyq_breaker_opened_total"); state != 4 || opened != 2 {
		t.Errorf("two open breakers show as %v, after %v openings", state, opened)
	}
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		backoff policy.Backoff
		want    []time.Duration
	}{
		"exponential": {policy.Exponential(time.Second, 5*time.Second), []time.Duration{0: 1, 1: 2, 2: 4, 3: 5, 31: 5, 63: 5, 1000: 5}},
		"linear":      {policy.Linear(time.Second, 5*time.Second), []time.Duration{0: 1, 1: 2, 2: 3, 4: 5, 5: 5, 1000: 5}},
	} {
		for failure, want := range c.want {
			if want *= time.Second; want == 0 {
				continue
			}
			for range 50 {
				if got := c.backoff(failure); got < want/2 || got > want {
					t.Fatalf("%s: failure %d waits %s, want %s to %s", name, failure, got, want/2, want)
				}
			}
		}
	}
}

func TestRetry(t *testing.T) {
	t.Parallel()
	errPasses, errStays := errors.New("passes"), errors.New("stays")
	passes := func(err error) bool { return err == errPasses }
	for name, c := range map[string]struct {
		errs  []error // of the calls, the last one repeating
		want  error
		calls int
	}{
		"good at once":     {[]error{nil}, nil, 1},
		"good in the end":  {[]error{errPasses, errPasses, nil}, nil, 3},
		"never good":       {[]error{errPasses}, errPasses, 4},
		"hopeless":         {[]error{errStays}, errStays, 1},
		"hopeless in time": {[]error{errPasses, errStays}, errStays, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := policy.New(policy.Options{})
				calls := 0
				start := time.Now()
				err := s.Retry("it", 4, policy.Linear(time.Second, time.Minute)).Do(t.Context(), passes, func(context.Context) error {
					calls++
					return c.errs[min(calls, len(c.errs))-1]
				})
				if err != c.want || calls != c.calls || metric(t, s, "heyq_policy_retries_total") != float64(c.calls-1) {
					t.Errorf("%d calls, %v", calls, err)
				}
				if waited := time.Since(start); waited > time.Duration(calls*(calls-1)/2)*time.Second || calls > 1 && waited == 0 {
					t.Errorf("%d calls took %s", calls, waited)
				}
			})
		})
	}
}

func TestRetry_ends_with_its_context(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	err := policy.New(policy.Options{}).Retry("it", 9, policy.Linear(time.Hour, time.Hour)).Do(ctx, func(error) bool { return true },
		func(context.Context) error { calls++; cancel(); return errDown })
	if err != errDown || calls != 1 {
		t.Errorf("%d calls, %v", calls, err)
	}
	var none *policy.Retry
	err = none.Do(t.Context(), func(error) bool { return true }, func(context.Context) error { calls++; return errDown })
	if err != errDown || calls != 2 {
		t.Errorf("without a Retry: %d calls, %v", calls-1, err)
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := policy.New(policy.Options{})
		limit := s.Timeout("it", time.Second)
		hangs := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		if err := limit.Do(t.Context(), hangs); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if err := limit.Do(t.Context(), func(context.Context) error { return errDown }); err != errDown {
			t.Errorf("got %v", err)
		}
		answer, err := policy.Else(t.Context(), limit, "fallback", func(ctx context.Context) (string, error) { return "late", hangs(ctx) })
		if answer != "fallback" || err != nil {
			t.Errorf("got %q, %v", answer, err)
		}
		answer, err = policy.Else(t.Context(), limit, "fallback", func(context.Context) (string, error) { return "answer", errDown })
		if answer != "answer" || err != errDown {
			t.Errorf("got %q, %v", answer, err)
		}
		if n := metric(t, s, "heyq_policy_timeouts_total"); n != 2 {
			t.Errorf("%v timeouts are counted, want 2", n)
		}

		// Who gives up is no timeout.
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := policy.Else(ctx, limit, 1, func(ctx context.Context) (int, error) { return 0, hangs(ctx) }); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
	var none *policy.Timeout
	if err := none.Do(t.Context(), func(ctx context.Context) error {
		if _, ok := ctx.Deadline(); ok {
			t.Error("there is a deadline without a Timeout")
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

func TestBulkhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := policy.New(policy.Options{})
		b := s.Bulkhead("create", 2)
		if !b.TryEnter() || b.Enter(t.Context()) != nil || b.TryEnter() {
			t.Fatal("there are not two places")
		}
		entered := make(chan error)
		go func() { entered <- b.Enter(t.Context()) }()
		synctest.Wait()
		if in, waiting := metric(t, s, "heyq_bulkhead_in_use"), metric(t, s, "heyq_bulkhead_waiting"); in != 2 || waiting != 1 {
			t.Errorf("%v are in use and %v wait", in, waiting)
		}
		b.Leave()
		if err := <-entered; err != nil {
			t.Error(err)
		}
		ended, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := b.Enter(ended); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		b.Leave()
		b.Leave()
		if in, waiting := metric(t, s, "heyq_bulkhead_in_use"), metric(t, s, "heyq_bulkhead_waiting"); in != 0 || waiting != 0 {
			t.Errorf("at the end %v are in use and %v wait", in, waiting)
		}
	})
}

func TestLimiter_alone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := policy.New(policy.Options{}).Limiter("it", 10, 10)
		start := time.Now()
		for range 30 { // ten at once, and twenty in two seconds
			if err := l.Wait(t.Context(), time.Minute); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took < 1900*time.Millisecond || took > 2100*time.Millisecond {
			t.Errorf("30 calls at 10/s took %s", took)
		}
		refusal := policy.RefusalIn(l.Wait(t.Context(), time.Millisecond))
		if refusal == nil || refusal.Closed || refusal.Wait <= 0 || refusal.Wait > 100*time.Millisecond {
			t.Errorf("without patience: %+v", refusal)
		}
		time.Sleep(time.Minute)
		l.Slow(t.Context())
		if err := l.Wait(t.Context(), time.Millisecond); policy.RefusalIn(err) == nil {
			t.Errorf("it was too much, and the next call passes at once: %v", err)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := l.Wait(ended, time.Minute); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		l := policy.New(policy.Options{}).Limiter("it", 10.0/60, 1)
		time.Sleep(time.Hour) // a quiet time saves nothing up
		var times []time.Time
		for range 40 {
			if err := l.Wait(t.Context(), time.Minute); err != nil {
				t.Fatal(err)
			}
			times = append(times, time.Now())
			if n := len(times); n > 10 && times[n-1].Sub(times[n-11]) < time.Minute-time.Millisecond {
				t.Fatalf("11 calls came within %s", times[n-1].Sub(times[n-11]))
			}
		}
		if took := times[39].Sub(times[0]); took > 235*time.Second {
			t.Errorf("40 calls at 10 in 60 s took %s", took)
		}
	})
	var none *policy.Limiter
	if err := none.Wait(t.Context(), 0); err != nil || policy.New(policy.Options{}).Limiter("it", 0, 1) != nil {
		t.Errorf("no rate limits: %v", err)
	}
	none.Slow(t.Context())
}
