package storetest

import (
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/store"
)

// Another's video is not there, in whatever way it is asked for, and nothing changes it.
var viewerTests = []test{
	{"finds its own videos only", func(s *scene) {
		mine := s.create(func(v *store.NewVideo) { v.UserID = "ada" })
		other := s.create(func(v *store.NewVideo) { v.UserID = "alan" })
		for name, c := range map[string]struct {
			viewer store.Viewer
			want   []uuid.UUID
		}{
			"ada":      {store.Only("ada"), []uuid.UUID{mine}},
			"alan":     {store.Only("alan"), []uuid.UUID{other}},
			"a third":  {store.Only("grace"), nil},
			"everyone": {store.Everyone(), []uuid.UUID{other, mine}},
			"nothing":  {store.Viewer{}, nil},
			"no name":  {store.Only(""), nil},
		} {
			list, total, err := s.db.Videos(s.ctx, c.viewer, store.Filter{}, store.Page{Number: 1, Size: 10})
			s.must(err)
			if diff := cmp.Diff(c.want, videoIDs(list)); diff != "" || total != len(c.want) {
				s.Errorf("%s: lists %d in all (-want +got):\n%s", name, total, diff)
			}
			found, err := s.db.VideosByID(s.ctx, c.viewer, []uuid.UUID{mine, other})
			s.must(err)
			if len(found) != len(c.want) {
				s.Errorf("%s: finds %d by id, want %d", name, len(found), len(c.want))
			}
		}
		list, total, err := s.db.Videos(s.ctx, store.Only("ada"), store.Filter{UserID: "alan"}, store.Page{Number: 1, Size: 10})
		s.must(err)
		if len(list) != 0 || total != 0 {
			s.Errorf("a filter widens what a viewer sees: %d of %d", len(list), total)
		}
		_, err = s.db.Video(s.ctx, store.Only("ada"), other)
		s.wantFault(err, fault.NotFound)
	}},
	{"changes its own videos only", func(s *scene) {
		w := store.Only("ada")
		waits, ended := s.create(), s.create()
		s.cancel(ended)
		before := s.video(waits)
		_, _, err := s.db.Cancel(s.ctx, w, waits)
		s.wantFault(err, fault.NotFound)
		_, err = s.db.Retry(s.ctx, w, ended, store.Retry{NewRender: true})
		s.wantFault(err, fault.NotFound)
		_, err = s.db.Refetch(s.ctx, w, ended, "prefix")
		s.wantFault(err, fault.NotFound)
		_, err = s.db.Resolve(s.ctx, w, ended, store.Resolution{Verdict: store.GiveUp})
		s.wantFault(err, fault.NotFound)
		s.wantState(ended, store.Cancelled)
		if diff := cmp.Diff(before, s.video(waits)); diff != "" {
			s.Errorf("another's cancel changed the video:\n%s", diff)
		}
	}},
	{"hears of its own videos only", func(s *scene) {
		mine := s.create(notify, func(v *store.NewVideo) { v.UserID = "ada" })
		other := s.create(notify, func(v *store.NewVideo) { v.UserID = "alan" })
		s.cancel(mine)
		s.cancel(other)
		w := store.Only("ada")
		own, err := s.db.Notifications(s.ctx, w, mine)
		s.must(err)
		if len(own) != 1 {
			s.Fatalf("it has %d notifications, want 1", len(own))
		}
		foreign, err := s.db.Notifications(s.ctx, store.Everyone(), other)
		s.must(err)
		hidden, err := s.db.Notifications(s.ctx, w, other)
		s.must(err)
		if len(foreign) != 1 || len(hidden) != 0 {
			s.Fatalf("of another's video it sees %d of %d", len(hidden), len(foreign))
		}
		_, err = s.db.Notification(s.ctx, w, foreign[0].ID)
		s.wantFault(err, fault.NotFound)
		for name, r := range map[string]store.Redelivery{
			"by its id": {ID: foreign[0].ID}, "by the video": {Video: other},
		} {
			if n, err := s.db.Redeliver(s.ctx, w, r); err != nil || n != 0 {
				s.Errorf("%s: another's is delivered again: %d, %v", name, n, err)
			}
		}
	}},
}

func videoIDs(list []store.Video) (ids []uuid.UUID) {
	for _, v := range list {
		ids = append(ids, v.ID)
	}
	return ids
}
