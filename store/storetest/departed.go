package storetest

import (
	"time"

	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/store"
)

// The videos of a user that was deleted with them are cancelled in the same moment, and
// removed when HeyGen has let go of them.
var departedTests = []test{
	{"are cancelled, told to no receiver, and removed", func(s *scene) {
		ada, alan := s.user("ada@example.com"), s.user("alan@example.com")
		mine := func(v *store.NewVideo) { v.UserID, v.NotifyURL = ada.ID.String(), hook }
		s.setTurn(ada.ID.String(), 2, 1)
		waits, told := s.create(mine), s.create(mine)
		s.cancel(told)
		s.share(waits, alan)
		kept := s.create(of(alan))
		s.must(s.db.DeleteUser(s.ctx, ada.ID, store.DeleteVideos))
		s.wantState(waits, store.Cancelled)
		s.wantState(kept, store.Queued)
		if got := s.video(waits); got.UserID != store.DepartedUser {
			s.Errorf("it is %s's", got.UserID)
		}
		s.wantNoNotification()
		s.wantSeen(store.Only(alan.ID.String()), store.Filter{}, []uuid.UUID{kept})
		turns, err := s.db.Turns(s.ctx)
		s.must(err)
		for _, t := range turns {
			if t.UserID == ada.ID.String() {
				s.Errorf("a turn is left: %+v", t)
			}
		}
		if got := s.departed(); got.Videos != 2 || len(got.Prefixes) != 0 {
			s.Errorf("removed %+v", got)
		}
		for _, id := range []uuid.UUID{waits, told} {
			_, err := s.db.Video(s.ctx, store.Everyone(), id)
			s.wantFault(err, fault.NotFound)
		}
		s.wantState(kept, store.Queued)
	}},
	{"stay until HeyGen has let go of them", func(s *scene) {
		ada := s.user("ada@example.com")
		id := s.renderingOf(ada)
		s.must(s.db.DeleteUser(s.ctx, ada.ID, store.DeleteVideos))
		s.wantState(id, store.Cancelled)
		if got := s.departed(); got.Videos != 0 {
			s.Errorf("removed %+v, while HeyGen renders", got)
		}
		s.wantFree(1, 0)
		s.end(store.Rendered(s.again(store.Poll)))
		s.wantState(id, store.Cancelled)
		if got := s.departed(); got.Videos != 1 {
			s.Errorf("removed %+v", got)
		}
		s.wantFree(1, 1)
	}},
	{"stay until their create is answered", func(s *scene) {
		ada := s.user("ada@example.com")
		run := s.sendingOf(ada)
		s.must(s.db.DeleteUser(s.ctx, ada.ID, store.DeleteVideos))
		s.wantState(run.Video, store.Submitting)
		if got := s.departed(); got.Videos != 0 {
			s.Errorf("removed %+v, while its create runs", got)
		}
		s.end(store.Accepted(run, heygenID(run.Video), 0))
		s.wantState(run.Video, store.Cancelled)
		if got := s.departed(); got.Videos != 0 {
			s.Errorf("removed %+v, while HeyGen renders", got)
		}
		s.end(store.Rendered(s.again(store.Poll)))
		if got := s.departed(); got.Videos != 1 {
			s.Errorf("removed %+v", got)
		}
	}},
	{"are cancelled again if someone retries them", func(s *scene) {
		ada := s.user("ada@example.com")
		id := s.create(of(ada))
		s.must(s.db.DeleteUser(s.ctx, ada.ID, store.DeleteVideos))
		s.retry(id, false)
		s.wantState(id, store.Queued)
		s.departed()
		s.wantState(id, store.Cancelled)
		if got := s.departed(); got.Videos != 1 {
			s.Errorf("removed %+v", got)
		}
	}},
	{"stay until they are counted", func(s *scene) {
		ada := s.user("ada@example.com")
		id := s.renderingOf(ada)
		s.end(store.Downloaded(s.beginOne(store.Download, *s.end(store.Rendered(s.again(store.Poll))).Next), prefix, file))
		s.must(s.db.DeleteUser(s.ctx, ada.ID, store.DeleteVideos))
		if got := s.departed(); got.Videos != 0 {
			s.Errorf("removed %+v, which is not measured yet", got)
		}
		s.save(analysis(id, ada.ID.String(), "", time.Now()))
		if got := s.departed(); got.Videos != 0 {
			s.Errorf("removed %+v, which is not counted yet", got)
		}
		s.rollup()
		if got := s.departed(); got.Videos != 1 || len(got.Prefixes) != 1 {
			s.Errorf("removed %+v", got)
		}
	}},
}

// sendingOf is the first send of a key for a user's video.
func (s *scene) sendingOf(u store.User) store.Run {
	s.Helper()
	s.create(of(u))
	return s.beginOne(store.Create, s.admit(slots)[0])
}

func (s *scene) renderingOf(u store.User) uuid.UUID {
	s.Helper()
	r := s.sendingOf(u)
	s.end(store.Accepted(r, heygenID(r.Video), 0))
	return r.Video
}

func (s *scene) departed() store.Removed {
	s.Helper()
	removed, err := s.db.RemoveDeparted(s.ctx, uuid.Nil)
	s.must(err)
	return removed
}
