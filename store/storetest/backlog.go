package storetest

import (
	"time"

	"github.com/google/go-cmp/cmp"

	"heyq/store"
)

// wantLoad compares a load, with ages to the nearest minute: real time passes as
// well.
func (s *scene) wantLoad(name string, got, want store.Load) {
	s.Helper()
	got.Oldest, got.Lag = got.Oldest.Round(time.Minute), got.Lag.Round(time.Minute)
	if diff := cmp.Diff(want, got); diff != "" {
		s.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func (s *scene) backlog() store.Backlog {
	s.Helper()
	b, err := s.db.Backlog(s.ctx)
	s.must(err)
	return b
}

const hour = time.Hour

var backlogTests = []test{
	{"of nothing is nothing", func(s *scene) {
		if diff := cmp.Diff(store.Backlog{States: map[store.State]int{}, Queues: store.Loads(nil)}, s.backlog()); diff != "" {
			s.Errorf("(-want +got):\n%s", diff)
		}
	}},
	{"waits for a slot, and does not count as lag", func(s *scene) {
		s.create(notBefore(time.Now().Add(24 * hour)))
		s.create()
		s.advance(hour)
		s.create()
		b := s.backlog()
		s.wantLoad("admission", b.Admission, store.Load{Jobs: 2, Overdue: 2, Oldest: hour, Lag: hour})
		if b.States[store.Queued] != 3 || b.Slots != 0 || b.Latest().Lag != 0 {
			s.Errorf("%d queued, %d slots, lag %s; want 3, 0 and none", b.States[store.Queued], b.Slots, b.Latest().Lag)
		}
	}},
	{"has a video in the step that it needs", func(s *scene) {
		s.sending()
		b := s.backlog()
		s.wantLoad("create", b.In(store.CreateQueue), store.Load{Jobs: 1, Running: 1})
		if b.Slots != 1 {
			s.Errorf("%d slots are held, want 1", b.Slots)
		}
		s.advance(hour) // the worker is dead, and so are all dispatchers
		b = s.backlog()
		s.wantLoad("create, an hour later", b.In(store.CreateQueue), store.Load{Jobs: 1, Overdue: 1, Oldest: hour, Lag: hour})
		if got := b.Latest().Lag.Round(time.Minute); got != hour {
			s.Errorf("the lag is %s, want an hour", got)
		}
	}},
	{"has a render, and one that is watched though it failed", func(s *scene) {
		s.end(store.RenderTimedOut(s.polling(), hour))
		b := s.backlog()
		s.wantLoad("poll", b.In(store.PollQueue), store.Load{Jobs: 1})
		if b.States[store.Failed] != 1 || b.Slots != 1 {
			s.Errorf("%d failed, %d slots; want one of each", b.States[store.Failed], b.Slots)
		}
		s.advance(2 * hour)
		s.wantLoad("poll, once the look is due", s.backlog().In(store.PollQueue), store.Load{Jobs: 1, Overdue: 1, Oldest: 2 * hour, Lag: hour})
	}},
	{"has a download that was claimed and not begun", func(s *scene) {
		s.end(store.StepFailed(s.downloading(), 0))
		s.wantLoad("due", s.backlog().In(store.DownloadQueue), store.Load{Jobs: 1, Overdue: 1})
		s.claimOne(store.Download)
		s.wantLoad("claimed", s.backlog().In(store.DownloadQueue), store.Load{Jobs: 1})
	}},
	{"has analyses and notifications", func(s *scene) {
		s.notified()
		s.completed()
		s.advance(hour)
		b := s.backlog()
		s.wantLoad("notifications", b.In(store.NotifyQueue), store.Load{Jobs: 1, Overdue: 1, Oldest: hour, Lag: hour})
		if b.In(store.AnalyticsQueue).Jobs == 0 || b.In(store.AnalyticsQueue).Overdue != b.In(store.AnalyticsQueue).Jobs || b.In(store.AnalyticsQueue).Oldest.Round(time.Minute) != hour {
			s.Errorf("analyses: %+v", b.In(store.AnalyticsQueue))
		}
		s.deliver()
		s.wantLoad("while it is delivered", s.backlog().In(store.NotifyQueue), store.Load{Jobs: 1, Running: 1, Oldest: hour})
	}},
}
