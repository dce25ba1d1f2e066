package live

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/store"
)

const (
	buffer       = 64              // events that a slow reader may lag behind
	mostOfAUser  = 500             // streams of one who sees its own videos only, in one process
	readyTimeout = 5 * time.Second // for which a stream waits until the first look is done
)

// End is why a stream ended.
type End string

// The ends.
const (
	Slow    End = "slow"    // the reader took too long
	Lost    End = "lost"    // Redis has lost the events
	Stopped End = "stopped" // this process stops
)

// Stream is what one reader hears.
type Stream struct {
	// After is the place behind which it begins: a reader that hears nothing else goes
	// on from there.
	After Place
	// Missed says that what happened since the reader's last event may not be told in
	// full. Then Replay is empty.
	Missed bool
	// Replay is what happened since the reader's last event, until After.
	Replay []*Event

	feed   *Feed
	viewer store.Viewer
	topic  topic
	events chan *Event
	place  Place
	end    End
}

// topic is what streams are found by: one video, the videos of a user, or all.
type topic struct {
	video uuid.UUID
	user  string
	all   bool
}

func topicOf(w store.Viewer, video uuid.UUID) topic {
	if video != uuid.Nil {
		return topic{video: video}
	}
	user, all := w.Scope()
	if all {
		user = ""
	}
	return topic{user: user, all: all}
}

// Open begins a stream of what a viewer may see: of one video, or of all if that is Nil. It
// goes on behind the place last, if that is not nil. The caller closes it. A
// fault.Unavailable: Redis does not answer, or too many are open.
func (f *Feed) Open(ctx context.Context, w store.Viewer, video uuid.UUID, last *Place) (*Stream, error) {
	if err := f.ready(ctx); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.up || f.sick {
		return nil, errAway(nil)
	}
	user, all := w.Scope()
	if !all && f.users[user] >= mostOfAUser {
		return nil, fault.New(fault.Unavailable, "%d streams of yours are open", mostOfAUser).WithHint("close some, or follow all videos by one stream")
	}
	s := &Stream{After: f.last, place: f.last, feed: f, viewer: w, topic: topicOf(w, video), events: make(chan *Event, buffer)}
	if last != nil {
		s.resume(*last)
	}
	if f.open[s.topic] == nil {
		f.open[s.topic] = map[*Stream]struct{}{}
	}
	f.open[s.topic][s] = struct{}{}
	f.streams++
	if !all {
		f.users[user]++
	}
	return s, nil
}

// resume finds what came behind a place. The caller has the lock.
func (s *Stream) resume(last Place) {
	f := s.feed
	if s.Missed = last.before(f.oldest) || last.before(f.gap) || f.last.before(last); s.Missed {
		return
	}
	for i := len(f.memory) - 1; i >= 0 && last.before(f.memory[i].Place); i-- {
		if e := f.memory[i]; s.hears(e) {
			s.Replay = append(s.Replay, e)
		}
	}
	slices.Reverse(s.Replay)
}

// hears reports whether an event is for the reader: a video may have come to another user.
func (s *Stream) hears(e *Event) bool {
	user, all := s.viewer.Scope()
	return (all || e.User == user) && (s.topic.video == uuid.Nil || s.topic.video == e.Video)
}

// Events are those that come behind After. The channel is closed when the stream ends.
func (s *Stream) Events() <-chan *Event { return s.events }

// Place is where the reader is: behind each event that it took of Events, and behind what is
// not for it. Only who takes the events may ask.
func (s *Stream) Place() Place {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	if len(s.events) == 0 {
		s.place = s.feed.last
	}
	return s.place
}

// Why says why the stream ended, once Events is closed.
func (s *Stream) Why() End {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	return s.end
}

// Close ends the stream.
func (s *Stream) Close() {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	s.close(Stopped)
}

// close ends the stream once. The caller has the lock.
func (s *Stream) close(why End) {
	f := s.feed
	if s.end != "" {
		return
	}
	s.end = why
	close(s.events)
	delete(f.open[s.topic], s)
	if len(f.open[s.topic]) == 0 {
		delete(f.open, s.topic)
	}
	if f.streams--; f.streams == 0 {
		f.idleSince = time.Now()
	}
	if user, all := s.viewer.Scope(); !all {
		if f.users[user]--; f.users[user] == 0 {
			delete(f.users, user)
		}
	}
}

// deliver hands an event to a stream. The caller has the lock, and a reader that is slow
// does not keep others waiting.
func (s *Stream) deliver(e *Event) {
	if !s.hears(e) {
		return
	}
	select {
	case s.events <- e:
	default:
		s.close(Slow)
	}
}

// take remembers what was read, and hands it out.
func (f *Feed) take(n news) {
	for _, e := range n.events {
		e.shown = f.JSON(*e)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last = n.last
	if n.gap != (Place{}) {
		f.gap = n.gap
	}
	f.memory = append(f.memory, n.events...)
	if extra := len(f.memory) - mostKept; extra > mostKept/4 {
		f.oldest = f.memory[extra-1].Place
		f.memory = append(make([]*Event, 0, mostKept*5/4), f.memory[extra:]...)
	}
	for _, e := range n.events {
		for _, t := range []topic{{video: e.Video}, {user: e.User}, {all: true}} {
			for s := range f.open[t] {
				s.deliver(e)
			}
		}
	}
	if len(n.hints) > 0 {
		f.hinted = append(f.hinted, n.hints[:min(len(n.hints), max(0, mostHints-len(f.hinted)))]...)
		select {
		case f.soon <- struct{}{}:
		default:
		}
	}
}

// followed lists the videos that have a stream of their own.
func (f *Feed) followed() (ids []uuid.UUID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for t := range f.open {
		if t.video != uuid.Nil {
			ids = append(ids, t.video)
		}
	}
	return ids
}

func (f *Feed) endAll(why End) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, streams := range f.open {
		for s := range streams {
			s.close(why)
		}
	}
}

func errAway(cause error) error {
	if f, ok := errors.AsType[*fault.Error](cause); ok {
		return f // the store's
	}
	return fault.Wrap(cause, fault.Unavailable, "there are no live events now: Redis does not answer").
		WithHint("read the video again and again instead, or try again in a moment")
}
