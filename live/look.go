package live

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"heyq/store"
)

const (
	lookEvery = time.Second
	lookSoon  = 100 * time.Millisecond // between two looks that hints ask for
	lookTime  = 10 * time.Second       // which a look may take

	// span is how far back of the last look the next one sees what has ended or was
	// created, for transactions that commit late. firstSpan is that of a first look: longer
	// than the mark of a process that died lives.
	span      = 10 * time.Second
	firstSpan = time.Minute
	longest   = time.Hour

	mostMoved = 2000 // videos of one sort in one look
	waiting   = 500  // videos with a stream of their own that a look reads though nothing says that they moved
	forget    = 2 * time.Minute
)

// lookout remembers how far each video was told.
type lookout struct {
	feed  *Feed
	known map[uuid.UUID]seen
	turn  []uuid.UUID // videos with a stream of their own that are still to be looked at in this round
	last  time.Time   // of the last look; zero: there was none
}

// seen is a video as the last look saw it.
type seen struct {
	steps  int // states that were told
	active bool
	at     time.Time
}

func newLookout(f *Feed) *lookout {
	return &lookout{feed: f, known: map[uuid.UUID]seen{}}
}

// look finds what moved since the last look, and tells it. If that fails the next look
// finds it again.
func (l *lookout) look(ctx context.Context, hints []uuid.UUID) error {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	first, within := l.last.IsZero(), firstSpan
	if !first {
		within = min(time.Since(l.last)+span, longest)
	}
	moving, err := l.feed.store.Moving(ctx, within, mostMoved)
	if err != nil {
		return err
	}
	now := time.Now()
	active := map[uuid.UUID]bool{}
	moved := map[uuid.UUID]bool{} // and whether its last state is news for certain
	for _, m := range moving {
		active[m.Video] = active[m.Video] || m.Active
		if before, known := l.known[m.Video]; !known || before.steps != m.Steps {
			moved[m.Video] = !first
		}
	}
	for id, before := range l.known {
		if before.active && !active[id] {
			moved[id] = true
		}
	}
	for _, id := range hints {
		moved[id] = true
	}
	for _, id := range l.inTurn() {
		if _, ok := moved[id]; !ok {
			moved[id] = false
		}
	}
	var events []Event
	found := map[uuid.UUID]int{}
	for ids := range slices.Chunk(slices.Collect(maps.Keys(moved)), mostMoved) {
		list, err := l.feed.store.Histories(ctx, ids)
		if err != nil {
			return err
		}
		for _, h := range list {
			found[h.Video] = len(h.Timeline)
			events = append(events, l.news(h, moved[h.Video], now)...)
		}
	}
	slices.SortStableFunc(events, func(a, b Event) int { return a.At.Compare(b.At) })
	if err := l.feed.tell(ctx, events); err != nil {
		return err
	}
	l.remember(moved, found, active, now)
	return nil
}

// news are the events of a history that were not told. What happened lately is told even
// if this process has not seen what was before it: the stream drops what it knows.
func (l *lookout) news(h store.History, certain bool, now time.Time) []Event {
	if before, known := l.known[h.Video]; known {
		return eventsOf(h, min(before.steps, len(h.Timeline)))
	}
	from := slices.IndexFunc(h.Timeline, func(e store.Event) bool { return now.Sub(e.At) < firstSpan })
	if from < 0 {
		from = len(h.Timeline)
	}
	if certain {
		from = min(from, len(h.Timeline)-1)
	}
	return eventsOf(h, from)
}

func (l *lookout) remember(moved map[uuid.UUID]bool, found map[uuid.UUID]int, active map[uuid.UUID]bool, now time.Time) {
	l.last = now
	for id := range moved {
		if steps, there := found[id]; there {
			l.known[id] = seen{steps, active[id], now}
		} else {
			delete(l.known, id) // it was deleted
		}
	}
	for id, k := range l.known {
		isActive, met := active[id]
		switch {
		case met:
			l.known[id] = seen{k.steps, isActive, now}
		case now.Sub(k.at) > forget:
			delete(l.known, id)
		}
	}
}

// inTurn picks some of the videos that have a stream of their own. In a while each has
// had its turn, so that a move is seen of which nothing else tells.
func (l *lookout) inTurn() []uuid.UUID {
	if len(l.turn) == 0 {
		l.turn = l.feed.followed()
	}
	n := min(len(l.turn), waiting)
	picked := l.turn[:n]
	l.turn = l.turn[n:]
	return picked
}
