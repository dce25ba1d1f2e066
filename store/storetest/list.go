package storetest

import (
	"slices"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"heyq/store"
)

var listTests = []test{
	{"pages, newest first", func(s *scene) {
		ids := s.createMany(7)
		slices.Reverse(ids)
		for _, page := range []struct {
			number int
			want   []uuid.UUID
		}{{1, ids[:3]}, {2, ids[3:6]}, {3, ids[6:]}, {4, nil}} {
			got, total := s.list(store.Filter{}, page.number, 3)
			if diff := cmp.Diff(page.want, got); diff != "" || total != 7 {
				s.Errorf("page %d of %d videos, want 7 (-want +got):\n%s", page.number, total, diff)
			}
		}
	}},
	{"filters by user and state", func(s *scene) {
		mine := s.create(func(v *store.NewVideo) { v.UserID = "ada" })
		gone := s.create(func(v *store.NewVideo) { v.UserID = "ada" })
		other := s.create()
		s.cancel(gone)
		for _, c := range []struct {
			filter store.Filter
			want   []uuid.UUID
		}{
			{store.Filter{}, []uuid.UUID{other, gone, mine}},
			{store.Filter{UserID: "ada"}, []uuid.UUID{gone, mine}},
			{store.Filter{State: store.Queued}, []uuid.UUID{other, mine}},
			{store.Filter{UserID: "ada", State: store.Queued}, []uuid.UUID{mine}},
			{store.Filter{UserID: "nobody"}, nil},
		} {
			got, total := s.list(c.filter, 1, 10)
			if diff := cmp.Diff(c.want, got); diff != "" || total != len(c.want) {
				s.Errorf("%+v: %d in all (-want +got):\n%s", c.filter, total, diff)
			}
		}
	}},
	{"goes on behind a video", func(s *scene) {
		ids := s.createMany(5)
		slices.Reverse(ids)
		got, total := s.list(store.Filter{Behind: ids[1]}, 1, 2)
		if diff := cmp.Diff(ids[2:4], got); diff != "" || total != 5 {
			s.Errorf("%d in all, want 5 (-want +got):\n%s", total, diff)
		}
	}},
	{"counts states", func(s *scene) {
		s.rendering()
		s.createMany(3)
		s.cancel(s.create())
		got, err := s.db.Counts(s.ctx)
		s.must(err)
		want := map[store.State]int{store.Queued: 3, store.Rendering: 1, store.Cancelled: 1}
		if diff := cmp.Diff(want, got); diff != "" {
			s.Errorf("counts (-want +got):\n%s", diff)
		}
	}},
	{"by id, those that exist", func(s *scene) {
		ids := s.createMany(2)
		got, err := s.db.VideosByID(s.ctx, store.Everyone(), append(ids, uuid.New()))
		s.must(err)
		if len(got) != 2 {
			s.Errorf("got %d videos, want 2", len(got))
		}
		none, err := s.db.VideosByID(s.ctx, store.Everyone(), nil)
		s.must(err)
		if len(none) != 0 {
			s.Errorf("got %d videos for no id", len(none))
		}
	}},
}

func (s *scene) list(f store.Filter, number, size int) (ids []uuid.UUID, total int) {
	s.Helper()
	list, total, err := s.db.Videos(s.ctx, store.Everyone(), f, store.Page{Number: number, Size: size})
	s.must(err)
	return videoIDs(list), total
}
