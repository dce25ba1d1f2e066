package storetest

import (
	"github.com/google/uuid"

	"heyq/store"
)

var from = store.Origin{Trace: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", Request: "order-4711"}

var originTests = []test{
	{"each step is told where its video came from", func(s *scene) {
		id := s.create(func(v *store.NewVideo) { v.Origin = from }, notify)
		if v := s.video(id); v.Origin != from {
			s.Errorf("the video came from %+v, want %+v", v.Origin, from)
		}
		admitted := s.admit(slots)
		wantTraced(s, admitted, id)
		run := s.beginOne(store.Create, admitted[0])
		wantOrigin(s, run.Origin)
		s.end(store.Accepted(run, heygenID(id), 0))
		for _, step := range []store.Step{store.Poll, store.Download} {
			claims := s.claim(step)
			wantTraced(s, claims, id)
			run = s.beginOne(step, claims[0])
			wantOrigin(s, run.Origin)
			if step == store.Poll {
				s.end(store.Rendered(run))
				s.advance(store.DefaultTiming.Redispatch)
			}
		}
		s.end(store.Downloaded(run, prefix, file))
		notifications, err := s.db.ClaimNotifications(s.ctx, 1)
		s.must(err)
		deliveries, err := s.db.BeginNotifications(s.ctx, notifications)
		s.must(err)
		if len(deliveries) != 1 {
			s.Fatalf("%d deliveries began, want 1", len(deliveries))
		}
		wantOrigin(s, deliveries[0].Origin)
	}},
	{"a video of nowhere has none", func(s *scene) {
		run := s.sending()
		if v := s.video(run.Video); run.Origin != (store.Origin{}) || v.Origin != (store.Origin{}) {
			s.Errorf("the run came from %+v and the video from %+v, want neither", run.Origin, v.Origin)
		}
	}},
	{"a list keeps the origin of each", func(s *scene) {
		traced, plain := newVideo(func(v *store.NewVideo) { v.Origin = from }), newVideo()
		created, err := s.db.CreateVideos(s.ctx, store.Creation{Videos: []store.NewVideo{traced, plain}})
		s.must(err)
		if a, b := created.Videos[0].Origin, created.Videos[1].Origin; a != from || b != (store.Origin{}) {
			s.Errorf("the videos came from %+v and %+v", a, b)
		}
	}},
}

func wantOrigin(s *scene, got store.Origin) {
	s.Helper()
	if got != from {
		s.Errorf("it came from %+v, want %+v", got, from)
	}
}

// wantTraced checks that the one claim is of id, and knows its trace.
func wantTraced(s *scene, claims []store.Claim, id uuid.UUID) {
	s.Helper()
	if len(claims) != 1 || claims[0].Video != id || claims[0].Trace != from.Trace {
		s.Fatalf("claimed %+v, want %s of trace %s", claims, id, from.Trace)
	}
}
