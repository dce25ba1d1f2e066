package storetest

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/store"
)

var createTests = []test{
	{"reads back what was given", func(s *scene) {
		given := newVideo(priority(-3), func(v *store.NewVideo) {
			v.Title, v.Description = "سلام 👋 \"quoted\" \\ ' $1 %s", "line\nbreak"
			v.Metadata = map[string]string{"a\"b": "ü", "": "empty"}
			v.Request = json.RawMessage(`{"n": 1.5, "list": [true, null, "\u00e9"]}`)
			v.NotBefore = time.Now().Add(time.Hour).Truncate(time.Microsecond).UTC()
		})
		created, err := s.db.CreateVideos(s.ctx, store.Creation{Videos: []store.NewVideo{given}})
		s.must(err)
		want := store.Video{
			ID: given.ID, UserID: given.UserID, State: store.Queued, Title: given.Title, Description: given.Description,
			Priority: -3, NotBefore: given.NotBefore, Metadata: given.Metadata, Request: given.Request,
			Submission: 1, Timeline: []store.Event{{State: store.Queued}},
		}
		for _, got := range []store.Video{created.Videos[0], s.video(given.ID)} {
			wantVideo(s, want, got)
			if got.CreatedAt.IsZero() || !got.Timeline[0].At.Equal(got.CreatedAt) {
				s.Errorf("created at %v, queued at %v, want the same time", got.CreatedAt, got.Timeline[0].At)
			}
		}
	}},
	{"times are UTC, and a video for now has no time", func(s *scene) {
		v := s.video(s.create(notBefore(time.Now().Add(-time.Hour))))
		if !v.NotBefore.IsZero() || !v.CompletedAt.IsZero() {
			s.Errorf("not before %v, completed at %v, want neither", v.NotBefore, v.CompletedAt)
		}
		if v.CreatedAt.Location() != time.UTC || v.Timeline[0].At.Location() != time.UTC {
			s.Errorf("created in %v, queued in %v, want UTC", v.CreatedAt.Location(), v.Timeline[0].At.Location())
		}
	}},
	{"no metadata is empty metadata", func(s *scene) {
		v := s.video(s.create(func(v *store.NewVideo) { v.Metadata = nil }))
		if v.Metadata == nil || len(v.Metadata) > 0 {
			s.Errorf("metadata is %v, want an empty map", v.Metadata)
		}
	}},
	{"keeps the order of a list", func(s *scene) {
		var list []store.NewVideo
		for range 200 {
			list = append(list, newVideo())
		}
		list[0], list[199] = list[199], list[0]
		created, err := s.db.CreateVideos(s.ctx, store.Creation{Videos: list})
		s.must(err)
		for i, v := range created.Videos {
			if v.ID != list[i].ID {
				s.Fatalf("video %d of the answer is another one than video %d of the list", i, i)
			}
		}
	}},
	{"all or nothing", func(s *scene) {
		twice := newVideo()
		_, err := s.db.CreateVideos(s.ctx, store.Creation{Videos: []store.NewVideo{newVideo(), twice, newVideo(), twice}})
		s.wantFault(err, fault.Internal)
		_, total, err := s.db.Videos(s.ctx, store.Everyone(), store.Filter{}, store.Page{Number: 1, Size: 10})
		s.must(err)
		if total != 0 {
			s.Errorf("%d videos exist after a creation that failed, want none", total)
		}
	}},
	{"an empty list creates nothing", func(s *scene) {
		created, err := s.db.CreateVideos(s.ctx, store.Creation{})
		s.must(err)
		if len(created.Videos) > 0 {
			s.Errorf("created %v", created.Videos)
		}
	}},
	{"no such video", func(s *scene) {
		_, err := s.db.Video(s.ctx, store.Everyone(), uuid.New())
		s.wantFault(err, fault.NotFound)
		_, _, err = s.db.Cancel(s.ctx, store.Everyone(), uuid.New())
		s.wantFault(err, fault.NotFound)
		_, err = s.db.Retry(s.ctx, store.Everyone(), uuid.New(), store.Retry{})
		s.wantFault(err, fault.NotFound)
	}},
	{"a completed video has its file and its history", func(s *scene) {
		id := s.completed()
		got := s.video(id)
		want := store.Video{
			ID: id, UserID: store.DefaultUser, State: store.Completed, Title: "Hello", Description: "A greeting",
			Metadata: map[string]string{"order": "7"}, Request: json.RawMessage(`{"script":"Hello, Ada."}`),
			HeyGenID: heygenID(id), Submission: 1, MayBeBilled: true, Resumable: true, MediaPrefix: prefix, File: &file,
			Timeline: []store.Event{
				{State: store.Queued},
				{State: store.Submitting},
				{State: store.Rendering},
				{State: store.Downloading},
				{State: store.Completed},
			},
		}
		wantVideo(s, want, got)
		if got.CompletedAt.IsZero() || !got.CompletedAt.Equal(got.Timeline[4].At) {
			s.Errorf("completed at %v, and by its history at %v", got.CompletedAt, got.Timeline[4].At)
		}
	}},
}

// wantVideo compares all but the times that the database gives.
func wantVideo(t testing.TB, want, got store.Video) {
	t.Helper()
	diff := cmp.Diff(want, got,
		cmpopts.IgnoreFields(store.Video{}, "CreatedAt", "CompletedAt"),
		cmpopts.IgnoreFields(store.Event{}, "At"),
		cmp.Comparer(sameJSON))
	if diff != "" {
		t.Errorf("video (-want +got):\n%s", diff)
	}
}

func sameJSON(a, b json.RawMessage) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}
