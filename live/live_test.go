package live_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"heyq/internal/fault"
	"heyq/internal/testkit"
	"heyq/live"
	"heyq/store"
	"heyq/store/sqlite/sqlitetest"
)

// scene is a store whose videos a test moves, and a Redis.
type scene struct {
	testing.TB
	store store.Store
	redis string // address
}

// inside is a scene with the Redis that is embedded in a heyq.
func inside(t *testing.T) *scene {
	return &scene{t, sqlitetest.Open(t), miniredis.RunT(t).Addr()}
}

// process starts the feed of one process, which ends with the test or by the function.
func (s *scene) process() (*live.Feed, func()) {
	client := redis.NewClient(&redis.Options{Addr: s.redis})
	feed := live.New(live.Options{Store: s.store, Redis: client})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = feed.Run(ctx)
	}()
	stop := func() {
		cancel()
		<-ended
	}
	s.Cleanup(func() {
		stop()
		_ = client.Close()
	})
	return feed, stop
}

func (s *scene) create(user string) uuid.UUID {
	s.Helper()
	v := store.NewVideo{ID: uuid.Must(uuid.NewV7()), UserID: user, Title: "Hello", Request: []byte(`{"script":"Hello, Ada."}`)}
	if _, err := s.store.CreateVideos(s.Context(), store.Creation{Videos: []store.NewVideo{v}}); err != nil {
		s.Fatal(err)
	}
	return v.ID
}

func (s *scene) cancel(id uuid.UUID) {
	s.Helper()
	if _, _, err := s.store.Cancel(s.Context(), store.Everyone(), id); err != nil {
		s.Fatal(err)
	}
}

// submit gives the one video that waits its slot, and begins it.
func (s *scene) submit() store.Run {
	s.Helper()
	claims, err := s.store.Admit(s.Context(), 100)
	if err != nil {
		s.Fatal(err)
	}
	runs, err := s.store.Begin(s.Context(), store.Create, claims)
	if err != nil || len(runs) != 1 {
		s.Fatalf("%d began: %v", len(runs), err)
	}
	return runs[0]
}

func (s *scene) end(end store.End) {
	s.Helper()
	if ended, err := s.store.End(s.Context(), []store.End{end}); err != nil || len(ended) != 1 {
		s.Fatalf("%d ended: %v", len(ended), err)
	}
}

func (s *scene) open(f *live.Feed, w store.Viewer, video uuid.UUID, last *live.Place) *live.Stream {
	s.Helper()
	stream, err := f.Open(s.Context(), w, video, last)
	if err != nil {
		s.Fatal(err)
	}
	return stream
}

// hears waits for the next states that a stream tells, and returns the last event.
func (s *scene) hears(stream *live.Stream, want ...store.State) (last *live.Event) {
	s.Helper()
	var got []store.State
	patience := time.After(testkit.Patience)
	for range want {
		select {
		case e, ok := <-stream.Events():
			if !ok {
				s.Fatalf("it ended as %s after %s, want %s", stream.Why(), got, want)
			}
			got, last = append(got, e.State), e
		case <-patience:
			s.Fatalf("heard %s, want %s", got, want)
		}
	}
	if !slices.Equal(got, want) {
		s.Fatalf("heard %s, want %s", got, want)
	}
	return last
}

func (s *scene) quiet(stream *live.Stream) {
	s.Helper()
	select {
	case e, ok := <-stream.Events():
		s.Errorf("heard %v (%t), want nothing", e, ok)
	default:
	}
}

// No writer tells of what it does, and all of it is heard, in each process and once.
func TestFeed_tells_what_becomes_of_videos(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(t *testing.T) *scene{
		"inside": inside,
		"real": func(t *testing.T) *scene {
			o, err := redis.ParseURL(testkit.Redis(t))
			if err != nil {
				t.Fatal(err)
			}
			return &scene{t, sqlitetest.Open(t), o.Addr}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			one, _ := s.process()
			two, stopTwo := s.process()
			a, b := s.open(one, store.Everyone(), uuid.Nil, nil), s.open(two, store.Only("ada"), uuid.Nil, nil)
			id := s.create("ada")
			s.hears(a, store.Queued)
			s.hears(b, store.Queued)
			run := s.submit()
			s.end(store.Accepted(run, "hg", 0))
			for _, stream := range []*live.Stream{a, b} {
				if e := s.hears(stream, store.Submitting, store.Rendering); e.Video != id || e.User != "ada" || e.Number != 2 || e.At.Before(e.Began) {
					t.Errorf("heard %+v", e)
				}
			}
			single := s.open(one, store.Only("ada"), id, nil)
			s.create("alan")
			s.hears(a, store.Queued)
			s.cancel(id)
			s.hears(a, store.Cancelled)
			s.hears(single, store.Cancelled)
			e := s.hears(b, store.Cancelled)
			for _, stream := range []*live.Stream{a, b, single} {
				s.quiet(stream)
			}
			stopTwo()
			if _, open := <-b.Events(); open || b.Why() != live.Stopped {
				t.Errorf("at the end of its process it is open %t, %s", open, b.Why())
			}

			// Its reader goes on in the other process, which has told something meanwhile.
			other := s.create("ada")
			s.hears(a, store.Queued)
			resumed := s.open(one, store.Only("ada"), uuid.Nil, &e.Place)
			if len(resumed.Replay) != 1 || resumed.Replay[0].Video != other || resumed.Missed {
				t.Errorf("missed %t, and to hear are %v", resumed.Missed, resumed.Replay)
			}
			// A process that starts later has read what came before it.
			three, _ := s.process()
			resumed = s.open(three, store.Everyone(), uuid.Nil, &e.Place)
			if len(resumed.Replay) != 1 || resumed.Replay[0].Video != other || resumed.Missed {
				t.Errorf("in a new process: missed %t, and to hear are %v", resumed.Missed, resumed.Replay)
			}
		})
	}
}

// What moves without being at work is found by who follows it, and at once by a hint that
// any process gave.
func TestFeed_finds_what_nothing_tells_of(t *testing.T) {
	t.Parallel()
	s := inside(t)
	one, _ := s.process()
	two, _ := s.process() // which has no reader
	waits := s.create("ada")
	single := s.open(one, store.Everyone(), waits, nil)
	s.quiet(single)
	s.cancel(waits)
	s.hears(single, store.Cancelled)

	again := s.create("ada")
	all := s.open(one, store.Everyone(), uuid.Nil, nil)
	s.hears(all, store.Queued)
	s.cancel(again)
	two.Hint(again)
	s.hears(all, store.Cancelled)
	two.Hint(uuid.New()) // of a video that does not exist
	if _, err := s.store.Retry(t.Context(), store.Everyone(), again, store.Retry{}); err != nil {
		t.Fatal(err)
	}
	two.Hint(again)
	s.hears(all, store.Queued)
}

// A video may pass through all of its states between two looks.
func TestFeed_tells_each_state(t *testing.T) {
	t.Parallel()
	s := inside(t)
	f, _ := s.process()
	all := s.open(f, store.Everyone(), uuid.Nil, nil)
	s.create("ada")
	run := s.submit()
	s.end(store.Refused(run, store.Failure{Code: "voice_not_found", Message: "no such voice", Step: store.Create}, 0, nil))
	s.hears(all, store.Queued, store.Submitting, store.Failed)
}

// What moved while nothing looked was not told, and who comes back is told that.
func TestFeed_tells_of_a_gap(t *testing.T) {
	t.Parallel()
	s := &scene{t, sqlitetest.Open(t), ""}
	server := miniredis.RunT(t)
	s.redis = server.Addr()
	one, stop := s.process()
	stream := s.open(one, store.Everyone(), uuid.Nil, nil)
	s.create("ada")
	e := s.hears(stream, store.Queued)
	stop()
	server.FastForward(time.Minute) // its mark is gone
	two, _ := s.process()
	if resumed := s.open(two, store.Everyone(), uuid.Nil, &e.Place); !resumed.Missed || len(resumed.Replay) > 0 {
		t.Errorf("missed %t, and to hear are %v", resumed.Missed, resumed.Replay)
	}
}

// While Redis is away streams stay open and no new one begins; afterwards all is told. If
// Redis has lost the events, the streams end, and who comes back is told.
func TestFeed_outlives_Redis_real(t *testing.T) {
	t.Parallel()
	server := testkit.StartRedis(t)
	o, err := redis.ParseURL(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	s := &scene{t, sqlitetest.Open(t), o.Addr}
	f, _ := s.process()
	stream := s.open(f, store.Everyone(), uuid.Nil, nil)
	id := s.create("ada")
	e := s.hears(stream, store.Queued)
	s.submit()
	s.hears(stream, store.Submitting)

	server.Kill()
	testkit.Eventually(t, func() error {
		stream, err := f.Open(t.Context(), store.Everyone(), id, nil)
		if err == nil {
			stream.Close()
			return errOpen
		}
		if fault.CodeOf(err) != fault.Unavailable {
			t.Fatal(err)
		}
		return nil
	})
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range stream.Events() { // until it ends
	}
	if stream.Why() != live.Lost {
		t.Errorf("it ended as %s", stream.Why())
	}
	var resumed *live.Stream
	testkit.Eventually(t, func() error {
		resumed, err = f.Open(t.Context(), store.Everyone(), uuid.Nil, &e.Place)
		return err
	})
	if !resumed.Missed {
		t.Error("what Redis has lost is not told as missed")
	}
	s.cancel(id)
	f.Hint(id)
	s.create("alan")
	for e := range resumed.Events() {
		if e.User == "alan" {
			return
		}
	}
}

var errOpen = errors.New("a stream was opened though Redis is away")
