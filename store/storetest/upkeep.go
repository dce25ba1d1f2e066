package storetest

import (
	"context"
	"errors"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"heyq/store"
)

var upkeepTests = []test{
	{"what was seen of titles is remembered by place, and for a time", func(s *scene) {
		want := func(place string, age time.Duration, want store.TitleSeen) {
			s.Helper()
			got, ok, err := s.db.TitleSeen(s.ctx, place, age)
			s.must(err)
			if got != want || ok != (want.HeyGenID != "") {
				s.Fatalf("%s: got %+v, %t, want %+v", place, got, ok, want)
			}
		}
		saw := func(place string, seen store.TitleSeen) {
			s.Helper()
			s.must(s.db.SawTitle(s.ctx, place, seen))
		}
		first, second := store.TitleSeen{HeyGenID: "hg-1", Title: "[heyq 1]"}, store.TitleSeen{HeyGenID: "hg-2", Title: "[heyq 2]"}
		want("videos", time.Hour, store.TitleSeen{})
		saw("videos", first)
		want("videos", time.Hour, first)
		want("template t", time.Hour, store.TitleSeen{})
		saw("template t", second)
		s.advance(time.Hour)
		want("videos", time.Hour, store.TitleSeen{})
		want("videos", time.Hour+margin, first)
		saw("videos", second)
		want("videos", time.Hour, second)
		saw("videos", store.TitleSeen{})
		want("videos", time.Hour, store.TitleSeen{})
		want("template t", time.Hour+margin, second)
	}},
	{"answers", func(s *scene) { s.must(s.db.Ping(s.ctx)) }},
	{"media prefixes", func(s *scene) {
		done, open, none := s.completed(), s.create(), uuid.New()
		got, err := s.db.MediaPrefixes(s.ctx, []uuid.UUID{done, open, none})
		s.must(err)
		if diff := cmp.Diff(map[uuid.UUID]string{done: prefix, open: ""}, got); diff != "" {
			s.Errorf("prefixes (-want +got):\n%s", diff)
		}
	}},
	{"a secret is kept once", func(s *scene) {
		name := uuid.NewString()
		for _, offered := range []string{"first", "second"} {
			kept, err := s.db.Keep(s.ctx, name, offered)
			s.must(err)
			if kept != "first" {
				s.Errorf("offered the %s it keeps %q, want the first", offered, kept)
			}
		}
		if other, err := s.db.Keep(s.ctx, name+".other", "third"); err != nil || other != "third" {
			s.Errorf("another name keeps %q (%v)", other, err)
		}
	}},
	{"the time", func(s *scene) {
		before, err := s.db.Now(s.ctx)
		s.must(err)
		if off := time.Since(before).Abs(); off > margin {
			s.Errorf("it is %s off, on one machine", off)
		}
		after, err := s.db.Now(s.ctx)
		s.must(err)
		if after.Before(before) {
			s.Errorf("it went from %s back to %s", before, after)
		}
	}},
	{"who leads runs, and its error comes back", func(s *scene) {
		want := errors.New("enough")
		got := s.db.Lead(s.ctx, "schedule", func(ctx context.Context) error { return want })
		if !errors.Is(got, want) {
			s.Errorf("Lead returned %v, want what the leader returned", got)
		}
	}},
	{"a leader sees the end of its context", func(s *scene) {
		ctx, cancel := context.WithCancel(s.ctx)
		err := s.db.Lead(ctx, "schedule", func(ctx context.Context) error {
			cancel()
			<-ctx.Done()
			return ctx.Err()
		})
		if !errors.Is(err, context.Canceled) {
			s.Errorf("Lead returned %v, want that it was cancelled", err)
		}
	}},
	{"a caller that gives up is not a database that is away", func(s *scene) {
		ctx, cancel := context.WithCancel(s.ctx)
		cancel()
		_, err := s.db.Claim(ctx, store.Poll, 1)
		s.wantCancelled(err)
		_, err = s.db.CreateVideos(ctx, store.Creation{Videos: []store.NewVideo{newVideo()}})
		s.wantCancelled(err)
		_, err = s.db.Video(ctx, store.Everyone(), uuid.New())
		s.wantCancelled(err)
		s.wantCancelled(s.db.Ping(ctx))
		s.wantVideos(0)
	}},
}

func (s *scene) wantCancelled(err error) {
	s.Helper()
	s.wantFault(err, "internal")
	if !errors.Is(err, context.Canceled) {
		s.Fatalf("got error %v, want that the context was cancelled", err)
	}
}
