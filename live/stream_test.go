package live

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/store"
)

// upFeed is a feed that is up, and to which a test gives its news.
func upFeed() *Feed {
	f := New(Options{Store: still{}})
	f.setUp(true, nil)
	return f
}

// still is a store in which nothing moves.
type still struct{ store.Live }

func (still) PhaseTimes(context.Context, int) ([]store.PhaseTimes, error) { return nil, nil }

var (
	adas, alans = uuid.MustParse("0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e"), uuid.MustParse("0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9f")
	ada, alan   = store.Only("ada"), store.Only("alan")
)

// news are events of two users' videos, in turns, behind a place.
func (f *Feed) give(from uint64, n int) {
	given := news{last: Place{from + uint64(n), 0}}
	for i := range n {
		e := &Event{Place: Place{from + uint64(i) + 1, 0}, Video: adas, User: "ada", Number: i}
		if i%2 == 1 {
			e.Video, e.User = alans, "alan"
		}
		given.events = append(given.events, e)
	}
	f.take(given)
}

func (s *Stream) taken() (places []uint64) {
	for {
		select {
		case e, ok := <-s.Events():
			if !ok {
				return places
			}
			places = append(places, e.Place.ms)
		default:
			return places
		}
	}
}

func replayed(s *Stream) (places []uint64) {
	for _, e := range s.Replay {
		places = append(places, e.Place.ms)
	}
	return places
}

func mustOpen(t *testing.T, f *Feed, w store.Viewer, video uuid.UUID, last *Place) *Stream {
	t.Helper()
	s, err := f.Open(t.Context(), w, video, last)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStream_hears_what_its_viewer_may_see(t *testing.T) {
	t.Parallel()
	f := upFeed()
	f.give(0, 4)
	last := &Place{1, 0}
	for name, c := range map[string]struct {
		viewer store.Viewer
		video  uuid.UUID
		before []uint64
		then   []uint64
	}{
		"everyone":              {store.Everyone(), uuid.Nil, []uint64{2, 3, 4}, []uint64{5, 6, 7, 8}},
		"ada":                   {ada, uuid.Nil, []uint64{3}, []uint64{5, 7}},
		"alan":                  {alan, uuid.Nil, []uint64{2, 4}, []uint64{6, 8}},
		"everyone, one video":   {store.Everyone(), alans, []uint64{2, 4}, []uint64{6, 8}},
		"ada, her video":        {ada, adas, []uint64{3}, []uint64{5, 7}},
		"ada, another's video":  {ada, alans, nil, nil},
		"nothing at all":        {store.Viewer{}, uuid.Nil, nil, nil},
		"nothing, of one video": {store.Viewer{}, adas, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := upFeed()
			f.give(0, 4)
			s := mustOpen(t, f, c.viewer, c.video, last)
			f.give(4, 4)
			if got := replayed(s); s.Missed || !slices.Equal(got, c.before) {
				t.Errorf("before: %v, missed %t, want %v", got, s.Missed, c.before)
			}
			if got := s.taken(); !slices.Equal(got, c.then) {
				t.Errorf("then: %v, want %v", got, c.then)
			}
			if got := s.Place(); got != (Place{8, 0}) {
				t.Errorf("it goes on behind %s, want 8-0", got)
			}
		})
	}
}

// A reader that comes back too late, or from elsewhere, is told so.
func TestStream_tells_what_may_be_missed(t *testing.T) {
	t.Parallel()
	f := upFeed()
	f.give(1000, mostKept*5/4+1) // some of which is forgotten
	oldest := f.oldest
	if len(f.memory) != mostKept || oldest == (Place{}) {
		t.Fatalf("it remembers %d, from %s on", len(f.memory), oldest)
	}
	f.mu.Lock()
	f.memory = f.memory[:100:100]
	f.last = f.memory[99].Place
	f.mu.Unlock()
	end := f.last
	for name, c := range map[string]struct {
		last   Place
		missed bool
		replay int
	}{
		"where it was":             {end, false, 0},
		"all that is remembered":   {oldest, false, 100},
		"before that":              {Place{oldest.ms - 1, 0}, true, 0},
		"of another heyq, or time": {Place{end.ms + 1, 0}, true, 0},
		"the greatest":             {Place{1<<64 - 1, 1<<64 - 1}, true, 0},
		"the least":                {Place{}, true, 0},
	} {
		if s := mustOpen(t, f, store.Everyone(), uuid.Nil, &c.last); s.Missed != c.missed || len(s.Replay) != c.replay {
			t.Errorf("%s: missed %t, and %d to hear, want %t, %d", name, s.Missed, len(s.Replay), c.missed, c.replay)
		}
	}
	f.take(news{gap: Place{end.ms + 5, 0}, last: Place{end.ms + 6, 0}})
	if s := mustOpen(t, f, store.Everyone(), uuid.Nil, &end); !s.Missed {
		t.Error("nothing looked for a while, and that is not told")
	}
	if s := mustOpen(t, f, store.Everyone(), uuid.Nil, &Place{end.ms + 5, 0}); s.Missed {
		t.Error("a reader that was there since is told that it missed something")
	}
}

// A reader that does not read keeps no other waiting, and is let go.
func TestStream_lets_a_slow_reader_go(t *testing.T) {
	t.Parallel()
	f := upFeed()
	slow, quick := mustOpen(t, f, store.Everyone(), uuid.Nil, nil), mustOpen(t, f, store.Everyone(), uuid.Nil, nil)
	heard := 0
	for i := range buffer + 1 {
		f.give(uint64(i), 1)
		heard += len(quick.taken())
	}
	if heard != buffer+1 || quick.Why() != "" {
		t.Errorf("the quick reader heard %d (%s)", heard, quick.Why())
	}
	if got := len(slow.taken()); got != buffer || slow.Why() != Slow {
		t.Errorf("the slow one heard %d, and ended as %q", got, slow.Why())
	}
	slow.Close()
	quick.Close()
	quick.Close()
	if f.streams != 0 || len(f.open) != 0 || len(f.users) != 0 {
		t.Errorf("%d streams are left: %v, %v", f.streams, f.open, f.users)
	}
}

func TestStream_bounds_what_one_user_has_open(t *testing.T) {
	t.Parallel()
	f := upFeed()
	var first *Stream
	for range mostOfAUser {
		first = mustOpen(t, f, ada, uuid.Nil, nil)
	}
	if _, err := f.Open(t.Context(), ada, adas, nil); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("one more: %v", err)
	}
	mustOpen(t, f, alan, uuid.Nil, nil)
	first.Close()
	mustOpen(t, f, ada, uuid.Nil, nil)
	f.stop()
	if f.streams != 0 || first.Why() != Stopped {
		t.Errorf("%d streams are left after the end", f.streams)
	}
	_, err := f.Open(t.Context(), alan, uuid.Nil, nil)
	if f, ok := errors.AsType[*fault.Error](err); !ok || f.Code != fault.Unavailable {
		t.Errorf("after the end: %v", err)
	}
}
