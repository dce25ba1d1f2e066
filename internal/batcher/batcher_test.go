package batcher_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"heyq/internal/batcher"
)

// flushTime is how long the flush of these tests takes, by the fake clock.
const flushTime = time.Second

// slow is a flush that takes flushTime and notes what it was given. An item is
// answered in capitals, "lost" is not answered, and "bad" fails its list.
type slow struct {
	mu    sync.Mutex
	lists [][]string
	ended bool // a flush found its context ended
}

var errBad = errors.New("bad item")

func (s *slow) flush(ctx context.Context, items []string) ([]string, error) {
	s.mu.Lock()
	s.lists = append(s.lists, slices.Clone(items))
	s.mu.Unlock()
	select {
	case <-ctx.Done():
		s.ended = true
		return nil, ctx.Err()
	case <-time.After(flushTime):
	}
	var answers []string
	for _, item := range slices.Backward(items) { // never in the order that was asked
		switch item {
		case "bad":
			return nil, errBad
		case "lost":
		default:
			answers = append(answers, strings.ToUpper(item))
		}
	}
	return answers, nil
}

func newGather(s *slow, most int, oneByOne bool) *batcher.Batcher[string, string, string] {
	return batcher.New(most, s.flush, strings.ToUpper, strings.ToUpper, func(error) bool { return oneByOne })
}

// answer is what one caller got.
type answer struct {
	Result string
	Found  bool
	Err    string
}

// crowd hands in the items one after the other, each by a caller of its own,
// and returns the answers when all have theirs.
func crowd(ctx context.Context, g *batcher.Batcher[string, string, string], items ...string) []answer {
	return crowdOf(func(string) context.Context { return ctx }, g, items...)
}

// crowdOf is crowd with a context for each item.
func crowdOf(ctx func(item string) context.Context, g *batcher.Batcher[string, string, string], items ...string) []answer {
	answers := make([]answer, len(items))
	var all sync.WaitGroup
	for i, item := range items {
		all.Go(func() {
			result, found, err := g.Do(ctx(item), item)
			answers[i] = answer{Result: result, Found: found}
			if err != nil {
				answers[i].Err = err.Error()
			}
		})
		synctest.Wait() // the caller is waiting before the next one comes
	}
	all.Wait()
	return answers
}

func got(item string) answer { return answer{Result: strings.ToUpper(item), Found: true} }

func compare(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestDo_waits_for_nobody_when_alone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s slow
		g := newGather(&s, 10, false)
		for _, item := range []string{"a", "b"} {
			start := time.Now()
			compare(t, "answer", crowd(t.Context(), g, item), []answer{got(item)})
			if took := time.Since(start); took != flushTime {
				t.Errorf("took %s, want the time of one flush, %s", took, flushTime)
			}
		}
		compare(t, "flushes", s.lists, [][]string{{"a"}, {"b"}})
	})
}

func TestDo_gathers_what_arrives_during_a_flush(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s slow
		start := time.Now()
		answers := crowd(t.Context(), newGather(&s, 3, false), "a", "b", "lost", "d", "e")
		compare(t, "answers", answers, []answer{got("a"), got("b"), {}, got("d"), got("e")})
		compare(t, "flushes", s.lists, [][]string{{"a"}, {"b", "lost", "d"}, {"e"}})
		if took := time.Since(start); took != 3*flushTime {
			t.Errorf("took %s, want three flushes", took)
		}
	})
}

func TestDo_never_flushes_two_items_of_one_key_together(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s slow
		// The flush answers b once, though two callers brought it.
		answers := crowd(t.Context(), newGather(&s, 3, false), "a", "b", "B", "c", "d")
		compare(t, "flushes", s.lists, [][]string{{"a"}, {"b", "c", "d"}, {"B"}})
		compare(t, "answers", answers, []answer{got("a"), got("b"), got("b"), got("c"), got("d")})
	})
}

func TestDo_with_a_flush_that_fails(t *testing.T) {
	t.Parallel()
	failed := answer{Err: errBad.Error()}
	for _, c := range []struct {
		name     string
		oneByOne bool
		items    []string
		answers  []answer
		flushes  [][]string
	}{
		{
			"fails all of them where none is to blame", false,
			[]string{"a", "b", "bad", "c"},
			[]answer{got("a"), failed, failed, failed},
			[][]string{{"a"}, {"b", "bad", "c"}},
		},
		{
			"tries each alone where one is to blame", true,
			[]string{"a", "b", "bad", "c"},
			[]answer{got("a"), got("b"), failed, got("c")},
			[][]string{{"a"}, {"b", "bad", "c"}, {"b"}, {"bad"}, {"c"}},
		},
		{
			"does not try a lone one again", true,
			[]string{"bad"},
			[]answer{failed},
			[][]string{{"bad"}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var s slow
				compare(t, "answers", crowd(t.Context(), newGather(&s, 10, c.oneByOne), c.items...), c.answers)
				compare(t, "flushes", s.lists, c.flushes)
			})
		})
	}
}

func TestDo_lets_a_caller_leave_without_harm_to_the_others(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s slow
		g := newGather(&s, 10, false)
		impatient, cancel := context.WithTimeout(t.Context(), flushTime/2)
		defer cancel()
		answers := crowdOf(func(item string) context.Context {
			if item == "c" {
				return t.Context()
			}
			return impatient // of a, which starts the flush, and b, which waits for the next
		}, g, "a", "b", "c")

		gone := answer{Err: context.DeadlineExceeded.Error()}
		compare(t, "answers", answers, []answer{gone, gone, got("c")})
		compare(t, "flushes", s.lists, [][]string{{"a"}, {"b", "c"}})
		if s.ended {
			t.Error("a flush ended with the context of a caller")
		}
	})
}

func TestDo_is_safe_for_a_crowd(t *testing.T) {
	t.Parallel()
	flush := func(_ context.Context, items []int) ([]int, error) { return items, nil }
	same := func(i int) int { return i }
	g := batcher.New(7, flush, same, same, func(error) bool { return false })
	var all sync.WaitGroup
	for i := range 500 {
		all.Go(func() {
			if result, found, err := g.Do(t.Context(), i%100); result != i%100 || !found || err != nil {
				t.Errorf("item %d got %d, %v, %v", i%100, result, found, err)
			}
		})
	}
	all.Wait()
}
