package storetest

import (
	"fmt"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/store"
)

// A video that is shown to a user is there for it as its own are, for reading only.
var shareTests = []test{
	{"are read, listed and counted beside one's own", func(s *scene) {
		ada, alan := s.user("ada@example.com"), s.user("alan@example.com")
		w := store.Only(alan.ID.String())
		var want []uuid.UUID // the newest first
		for i := range 6 {
			owner := []store.User{ada, alan}[i%2]
			id := s.create(of(owner), notify)
			if owner == ada && i > 0 {
				s.share(id, alan)
			}
			if i > 0 {
				want = append([]uuid.UUID{id}, want...)
			}
		}
		s.create(of(ada))
		s.wantSeen(w, store.Filter{}, want)
		s.wantSeen(w, store.Filter{State: store.Queued}, want)
		s.wantSeen(w, store.Filter{UserID: ada.ID.String()}, []uuid.UUID{want[1], want[3]})
		s.wantSeen(w, store.Filter{UserID: alan.ID.String()}, []uuid.UUID{want[0], want[2], want[4]})
		s.wantSeen(w, store.Filter{UserID: "grace"}, nil)
		s.wantSeen(store.Only(ada.ID.String()), store.Filter{UserID: alan.ID.String()}, nil)
		s.cancel(want[1])
		s.wantSeen(w, store.Filter{State: store.Cancelled}, want[1:2])
		s.wantSeen(w, store.Filter{State: store.Failed}, nil)

		theirs, err := s.db.Video(s.ctx, w, want[1])
		s.must(err)
		list, _, err := s.db.Videos(s.ctx, w, store.Filter{}, store.Page{Number: 1, Size: 2})
		s.must(err)
		if theirs.NotifyURL != "" || list[1].NotifyURL != "" || list[0].NotifyURL != hook {
			s.Errorf("it reads whom the videos tell: %q, %q, and of its own %q", theirs.NotifyURL, list[1].NotifyURL, list[0].NotifyURL)
		}
	}},
	{"are not changed by whom they are shown to", func(s *scene) {
		ada, alan, grace := s.user("ada@example.com"), s.user("alan@example.com"), s.user("grace@example.com")
		w := store.Only(alan.ID.String())
		waits, ended := s.create(of(ada), notify), s.create(of(ada), notify)
		s.cancel(ended)
		s.share(waits, alan)
		s.share(ended, alan)
		before := s.video(waits)
		_, _, err := s.db.Cancel(s.ctx, w, waits)
		s.wantFault(err, fault.Forbidden)
		_, err = s.db.Retry(s.ctx, w, ended, store.Retry{NewRender: true})
		s.wantFault(err, fault.Forbidden)
		_, err = s.db.Refetch(s.ctx, w, ended, "prefix")
		s.wantFault(err, fault.Forbidden)
		_, err = s.db.Resolve(s.ctx, w, ended, store.Resolution{Verdict: store.GiveUp})
		s.wantFault(err, fault.Forbidden)
		_, err = s.db.Share(s.ctx, w, waits, grace.ID)
		s.wantFault(err, fault.Forbidden)
		_, err = s.db.Shares(s.ctx, w, waits)
		s.wantFault(err, fault.Forbidden)
		s.wantFault(s.db.Unshare(s.ctx, w, waits, alan.ID), fault.Forbidden)
		told, err := s.db.Notifications(s.ctx, w, ended)
		s.must(err)
		again, err := s.db.Redeliver(s.ctx, w, store.Redelivery{Video: ended})
		s.must(err)
		if len(told) != 0 || again != 0 {
			s.Errorf("it sees %d notifications of another's, and delivers %d again", len(told), again)
		}
		s.wantState(ended, store.Cancelled)
		if diff := cmp.Diff(before, s.video(waits)); diff != "" {
			s.Errorf("the video changed:\n%s", diff)
		}
	}},
	{"are given and taken back by who may change the video", func(s *scene) {
		ada, alan, grace := s.user("ada@example.com"), s.user("alan@example.com"), s.user("grace@example.com")
		id, w := s.create(of(ada)), store.Only(ada.ID.String())
		first, err := s.db.Share(s.ctx, w, id, alan.ID)
		s.must(err)
		again, err := s.db.Share(s.ctx, store.Everyone(), id, alan.ID)
		s.must(err)
		second, err := s.db.Share(s.ctx, store.Everyone(), id, grace.ID)
		s.must(err)
		list, err := s.db.Shares(s.ctx, w, id)
		s.must(err)
		if diff := cmp.Diff([]store.Share{first, second}, list); diff != "" || !cmp.Equal(again, first) || first.User != alan.ID {
			s.Errorf("shown %+v, again %+v (-want +got):\n%s", first, again, diff)
		}
		for _, c := range []struct {
			viewer store.Viewer
			video  uuid.UUID
			user   uuid.UUID
			code   fault.Code
		}{
			{w, uuid.New(), alan.ID, fault.NotFound},
			{store.Only("shop"), id, alan.ID, fault.NotFound},
			{store.Viewer{}, id, alan.ID, fault.NotFound},
			{w, id, uuid.New(), fault.Invalid},
			{w, id, ada.ID, fault.Invalid},
		} {
			_, err := s.db.Share(s.ctx, c.viewer, c.video, c.user)
			s.wantFault(err, c.code)
		}
		s.wantFault(s.db.Unshare(s.ctx, store.Only("shop"), id, alan.ID), fault.NotFound)
		s.wantFault(s.db.Unshare(s.ctx, w, id, uuid.New()), fault.NotFound)
		s.must(s.db.Unshare(s.ctx, w, id, alan.ID))
		s.wantFault(s.db.Unshare(s.ctx, w, id, alan.ID), fault.NotFound)
		s.wantSeen(store.Only(alan.ID.String()), store.Filter{}, nil)
		_, err = s.db.Video(s.ctx, store.Only(alan.ID.String()), id)
		s.wantFault(err, fault.NotFound)
		_, err = s.db.Shares(s.ctx, store.Only("shop"), id)
		s.wantFault(err, fault.NotFound)
	}},
	{"go with the video and with the user, and stay if the video changes hands", func(s *scene) {
		ada, alan, grace := s.user("ada@example.com"), s.user("alan@example.com"), s.user("grace@example.com")
		gone, kept := s.create(of(ada)), s.create(of(ada))
		s.cancel(gone)
		for _, id := range []uuid.UUID{gone, kept} {
			s.share(id, alan)
			s.share(id, grace)
		}
		_, err := s.db.DeleteVideo(s.ctx, gone, operator)
		s.must(err)
		s.must(s.db.DeleteUser(s.ctx, ada.ID, store.KeepVideos))
		s.must(s.db.DeleteUser(s.ctx, alan.ID, store.KeepVideos))
		s.wantSeen(store.Only(grace.ID.String()), store.Filter{}, []uuid.UUID{kept})
		s.wantSeen(store.Only(alan.ID.String()), store.Filter{}, nil)
		list, err := s.db.Shares(s.ctx, store.Only(store.DefaultUser), kept)
		s.must(err)
		if len(list) != 1 || list[0].User != grace.ID {
			s.Errorf("it is shown to %+v", list)
		}
	}},
	{"are bounded", func(s *scene) {
		id := s.create()
		for i := range store.MostShares {
			s.share(id, s.user(fmt.Sprintf("user%d@example.com", i)))
		}
		_, err := s.db.Share(s.ctx, store.Everyone(), id, s.user("ada@example.com").ID)
		s.wantFault(err, fault.Conflict)
		list, err := s.db.Shares(s.ctx, store.Everyone(), id)
		s.must(err)
		if len(list) != store.MostShares {
			s.Errorf("it is shown to %d users, want %d", len(list), store.MostShares)
		}
	}},
}

// of makes a video a user's.
func of(u store.User) func(*store.NewVideo) {
	return func(v *store.NewVideo) { v.UserID = u.ID.String() }
}

func (s *scene) share(video uuid.UUID, with store.User) {
	s.Helper()
	_, err := s.db.Share(s.ctx, store.Everyone(), video, with.ID)
	s.must(err)
}

// wantSeen checks what a viewer sees: on one page, page by page, by the cursor, and counted.
func (s *scene) wantSeen(w store.Viewer, f store.Filter, want []uuid.UUID) {
	s.Helper()
	list := func(f store.Filter, p store.Page) []uuid.UUID {
		page, total, err := s.db.Videos(s.ctx, w, f, p)
		s.must(err)
		if total != len(want) {
			s.Errorf("counts %d, want %d", total, len(want))
		}
		return videoIDs(page)
	}
	var paged, followed []uuid.UUID
	for n := range len(want) + 1 {
		paged = append(paged, list(f, store.Page{Number: n + 1, Size: 1})...)
	}
	for behind := f; ; behind.Behind = followed[len(followed)-1] {
		next := list(behind, store.Page{Number: 1, Size: 1})
		if len(next) == 0 {
			break
		}
		followed = append(followed, next...)
	}
	for how, got := range map[string][]uuid.UUID{"on one page": list(f, store.Page{Number: 1, Size: 100}), "page by page": paged, "by the cursor": followed} {
		if diff := cmp.Diff(want, got); diff != "" {
			s.Errorf("%s (-want +got):\n%s", how, diff)
		}
	}
}
