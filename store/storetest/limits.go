package storetest

import (
	"maps"
	"time"

	"heyq/store"
)

func (s *scene) setLimits(user string, limits map[string]store.Limit) {
	s.Helper()
	s.must(s.db.SetLimits(s.ctx, user, limits))
}

func (s *scene) wantLimits(user string, want map[string]store.Limit) {
	s.Helper()
	got, err := s.db.Limits(s.ctx, user)
	s.must(err)
	if !maps.Equal(got, want) {
		s.Errorf("the limits of %s are %v, want %v", user, got, want)
	}
}

var limitTests = []test{
	{"are those that were set last, each user's own", func(s *scene) {
		read, create := store.Limit{Amount: 100, Period: time.Minute}, store.Limit{Amount: 5, Period: time.Hour}
		s.wantLimits("ada", map[string]store.Limit{})
		s.setLimits("ada", map[string]store.Limit{"read": read, "video_create": create})
		s.setLimits("alan", map[string]store.Limit{"read": create})
		s.wantLimits("ada", map[string]store.Limit{"read": read, "video_create": create})
		s.setLimits("ada", map[string]store.Limit{"video_create": read})
		s.wantLimits("ada", map[string]store.Limit{"video_create": read})
		s.wantLimits("alan", map[string]store.Limit{"read": create})
		s.setLimits("ada", nil)
		s.wantLimits("ada", map[string]store.Limit{})
	}},
	{"go with their user", func(s *scene) {
		ada := s.user("ada@example.com")
		s.setLimits(ada.ID.String(), map[string]store.Limit{"read": {Amount: 1, Period: time.Second}})
		s.must(s.db.DeleteUser(s.ctx, ada.ID, store.KeepVideos))
		s.wantLimits(ada.ID.String(), map[string]store.Limit{})
	}},
}
