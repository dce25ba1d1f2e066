package storetest

import (
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"heyq/store"
)

// moving returns what may have moved, by video, and fails unless all reports of one agree.
func (s *scene) moving(n int) map[uuid.UUID]store.Moving {
	s.Helper()
	list, err := s.db.Moving(s.ctx, time.Minute, n)
	s.must(err)
	found := map[uuid.UUID]store.Moving{}
	for _, m := range list {
		if before, twice := found[m.Video]; twice {
			if before.Steps != m.Steps {
				s.Errorf("%s was in %d states, and in %d", m.Video, before.Steps, m.Steps)
			}
			m.Active = m.Active || before.Active
		}
		found[m.Video] = m
	}
	return found
}

var liveTests = []test{
	{"finds what moves, and what has ended lately", func(s *scene) {
		fresh := s.create()
		found := s.moving(10)
		if diff := cmp.Diff(map[uuid.UUID]store.Moving{fresh: {Video: fresh, Steps: 1}}, found); diff != "" {
			s.Fatalf("a new video (-want +got):\n%s", diff)
		}
		run := s.beginOne(store.Create, s.admit(1)[0])
		if got := s.moving(10)[fresh]; !got.Active || got.Steps != 2 {
			s.Errorf("while it is submitted: %+v", got)
		}
		s.end(store.Accepted(run, "hg", 0))
		if got := s.moving(10)[fresh]; !got.Active || got.Steps != 3 {
			s.Errorf("while it renders: %+v", got)
		}
		s.end(store.RenderFailed(s.again(store.Poll), store.Failure{Code: "render_failed", Message: "it broke", Step: store.Poll}))
		if got := s.moving(10)[fresh]; got.Active || got.Steps != 4 {
			s.Errorf("once it has failed: %+v", got)
		}
		s.createMany(5)
		if got := s.moving(3); len(got) != 3 {
			s.Errorf("of each sort three are asked for, and %d come", len(got))
		}
	}},
	{"finds what has completed lately, measured or not", func(s *scene) {
		done := s.completed()
		if got := s.moving(10)[done]; got.Active || got.Steps < 2 {
			s.Errorf("before it is measured: %+v", got)
		}
		s.claimAnalysis(done)
		s.save(analysis(done, "ada", "", s.video(done).CompletedAt))
		if got := s.moving(10)[done]; got.Steps < 2 {
			s.Errorf("once it is measured: %+v", got)
		}
	}},
	{"tells histories", func(s *scene) {
		at := time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
		one, two := s.create(func(v *store.NewVideo) { v.UserID = "ada" }), s.create(notBefore(at))
		s.cancel(two)
		list, err := s.db.Histories(s.ctx, []uuid.UUID{one, two, uuid.New()})
		s.must(err)
		if len(list) != 2 {
			s.Fatalf("%d histories, want 2", len(list))
		}
		for _, h := range list {
			v := s.video(h.Video)
			if diff := cmp.Diff(store.History{Video: v.ID, UserID: v.UserID, NotBefore: v.NotBefore, Timeline: v.Timeline}, h); diff != "" {
				s.Errorf("a history (-want +got):\n%s", diff)
			}
		}
	}},
	{"tells what phases took", func(s *scene) {
		done := s.completed()
		a := analysis(done, "ada", "", s.video(done).CompletedAt)
		s.save(a)
		got, err := s.db.PhaseTimes(s.ctx, 10)
		s.must(err)
		if diff := cmp.Diff([]store.PhaseTimes{{Queue: a.QueueTime, Submit: a.SubmitTime, Render: a.RenderTime, Download: a.DownloadTime}}, got); diff != "" {
			s.Errorf("(-want +got):\n%s", diff)
		}
	}},
}
