package policy_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"heyq/internal/policy"
)

var errDown = errors.New("it answered 500")

// call makes one call that ends with failure, if the breaker lets it.
func call(t *testing.T, b *policy.Breaker, failure error) error {
	t.Helper()
	done, err := b.Allow(t.Context())
	if err != nil {
		return err
	}
	done(failure)
	return nil
}

// open fails so often that the breaker opens.
func open(t *testing.T, b *policy.Breaker, failures int) {
	t.Helper()
	for range failures {
		if err := call(t, b, errDown); err != nil {
			t.Fatalf("it opened too early: %v", err)
		}
	}
	wantState(t, b, policy.Open)
}

func wantState(t *testing.T, b *policy.Breaker, want policy.State) {
	t.Helper()
	if got, _, _ := b.State(); got != want {
		t.Fatalf("the breaker is %s, want %s", got, want)
	}
}

func TestBreaker_opens_lets_one_probe_through_and_closes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := policy.New(policy.Options{}).Breaker("it")
		open(t, b, 5)

		time.Sleep(20 * time.Second)
		refusal := policy.RefusalIn(call(t, b, nil))
		if refusal == nil || refusal.Wait != 40*time.Second || !refusal.Closed || refusal.Cause != "it answered 500" {
			t.Fatalf("20 s after it opened for 60 s it says %+v", refusal)
		}
		if want := "the breaker of it lets nothing through for 40s, because it answered 500"; refusal.Error() != want {
			t.Errorf("got %q, want %q", refusal, want)
		}

		time.Sleep(40*time.Second + 1)
		probe, err := b.Allow(t.Context())
		if err != nil {
			t.Fatalf("no probe passes: %v", err)
		}
		wantState(t, b, policy.HalfOpen)
		if second := policy.RefusalIn(call(t, b, nil)); second == nil {
			t.Fatal("a second call passes beside the probe")
		}
		probe(errDown)
		wantState(t, b, policy.Open)

		time.Sleep(time.Minute + 1)
		if err := call(t, b, nil); err != nil {
			t.Fatalf("no second probe passes: %v", err)
		}
		wantState(t, b, policy.Closed)
	})
}

func TestBreaker_counts_failures_in_a_row(t *testing.T) {
	t.Parallel()
	b := policy.New(policy.Options{Failures: 2}).Breaker("it")
	for _, failure := range []error{errDown, nil, errDown, policy.ErrInconclusive, nil, errDown} {
		if err := call(t, b, failure); err != nil {
			t.Fatal(err)
		}
	}
	wantState(t, b, policy.Closed)
	_ = call(t, b, policy.ErrInconclusive) // says nothing either way
	_ = call(t, b, errDown)
	wantState(t, b, policy.Open)
}

func TestBreaker_gives_the_probe_on_where_it_said_nothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := policy.New(policy.Options{}).Breaker("it")
		open(t, b, 5)
		time.Sleep(time.Minute + 1)
		for range 3 {
			if err := call(t, b, policy.ErrInconclusive); err != nil {
				t.Fatalf("the probe is taken: %v", err)
			}
			wantState(t, b, policy.HalfOpen)
		}
	})
}

func TestBreaker_tells_of_opening_and_closing_once(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		b := policy.New(policy.Options{Log: zerolog.New(&log)}).Breaker("heygen")
		open(t, b, 5)
		for _, failure := range []error{errDown, errDown, nil} { // each the probe of its minute
			time.Sleep(time.Minute + 1)
			_ = call(t, b, failure)
		}
		wantState(t, b, policy.Closed)
	})
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], `"cause":"it answered 500"`) || !strings.Contains(lines[1], "closes") {
		t.Errorf("the log says\n%s", &log)
	}
}

func TestBreaker_nil_lets_everything_through(t *testing.T) {
	t.Parallel()
	var b *policy.Breaker
	for range 10 {
		if err := call(t, b, errDown); err != nil {
			t.Fatal(err)
		}
	}
	var h *policy.Hosts
	if h.Of("host") != nil {
		t.Error("no Hosts, and yet a breaker")
	}
}

func TestHosts_stop_calls_to_one_host_only(t *testing.T) {
	t.Parallel()
	h := policy.New(policy.Options{}).Hosts("files")
	open(t, h.Of("down"), 5)
	if err := call(t, h.Of("up"), nil); err != nil {
		t.Error(err)
	}
	if err := call(t, h.Of("down"), nil); err == nil {
		t.Error("a call to the host that is down passes")
	}
}

func TestSet_knows_its_breakers(t *testing.T) {
	t.Parallel()
	s := policy.New(policy.Options{Failures: 1})
	b := s.Breaker("heygen")
	open(t, b, 1)
	if state, until, cause := s.State("heygen"); state != policy.Open || time.Until(until) < 59*time.Second || cause != "it answered 500" {
		t.Errorf("got %s until %s because %q", state, until, cause)
	}
	if state, _, _ := s.State("other"); state != policy.Closed {
		t.Errorf("a breaker that there is not is %s", state)
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		err    error
		want   string // empty: it works
	}{
		{status: 200},
		{status: 301},
		{status: 401},
		{status: 404},
		{status: 429},
		{status: 500, want: "it answered 500 Internal Server Error"},
		{status: 503, want: "it answered 503 Service Unavailable"},
		{err: errors.New("connection refused"), want: "connection refused"},
		{err: fmt.Errorf("get: %w", context.DeadlineExceeded), want: "it did not answer in time"},
		{err: context.Canceled, want: policy.ErrInconclusive.Error()},
		{err: &policy.Refusal{}, want: policy.ErrInconclusive.Error()},
	} {
		var resp *http.Response
		if c.err == nil {
			resp = &http.Response{StatusCode: c.status}
		}
		got := ""
		if err := policy.Judge(resp, c.err); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%d, %v: got %q, want %q", c.status, c.err, got, c.want)
		}
	}
}

// Who only looks whether the other side is well is refused like all, and decides
// nothing: failures do not open the breaker, successes do not hide failures, and the
// probe is left to the work.
func TestBreaker_learns_nothing_from_who_only_looks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := policy.New(policy.Options{}).Breaker("it")
		look := func(failure error) error {
			done, err := b.Allow(policy.Watching(t.Context()))
			if err == nil {
				done(failure)
			}
			return err
		}
		for range 100 {
			if err := look(errDown); err != nil {
				t.Fatal(err)
			}
		}
		wantState(t, b, policy.Closed)
		for range 5 {
			_ = call(t, b, errDown)
			_ = look(nil)
		}
		wantState(t, b, policy.Open)
		if policy.RefusalIn(look(nil)) == nil {
			t.Error("an open breaker let a look through")
		}
		time.Sleep(time.Minute + time.Second)
		if policy.RefusalIn(look(nil)) == nil {
			t.Error("a look took the probe")
		}
		if err := call(t, b, nil); err != nil {
			t.Errorf("the probe was not left to the work: %v", err)
		}
		wantState(t, b, policy.Closed)
	})
}
