package handlers

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/store"
)

// attic is a store with pages of what is old.
type attic struct {
	*fakeStore
	pages   []store.Removed
	left    []store.Removed // by users who were deleted
	copies  []store.HeyGenCopy
	videos  map[uuid.UUID]store.Video // what is known of them; nothing as a rule
	asked   []uuid.UUID               // where each page began
	deleted []uuid.UUID               // at HeyGen
	forget  []int                     // what each call of ForgetActions forgets
	err     error
}

func (s *attic) RemoveVideos(_ context.Context, r store.Retention, after uuid.UUID) (store.Removed, error) {
	if !r.Removes() {
		return store.Removed{}, errOther
	}
	s.asked = append(s.asked, after)
	page := s.pages[0]
	s.pages = s.pages[1:]
	return page, s.err
}

func (s *attic) RemoveDeparted(context.Context, uuid.UUID) (store.Removed, error) {
	if len(s.left) == 0 {
		return store.Removed{}, nil
	}
	page := s.left[0]
	s.left = s.left[1:]
	return page, nil
}

// HeyGenCopies gives two pages, of one copy and of the rest.
func (s *attic) HeyGenCopies(_ context.Context, _ time.Duration, after uuid.UUID) ([]store.HeyGenCopy, uuid.UUID, error) {
	if after == uuid.Nil {
		return s.copies[:1], s.copies[0].Video, nil
	}
	return s.copies[1:], uuid.Nil, nil
}

func (s *attic) Video(_ context.Context, _ store.Viewer, id uuid.UUID) (store.Video, error) {
	v, known := s.videos[id]
	if s.videos != nil && !known {
		return v, fault.New(fault.NotFound, "there is no video %s", id)
	}
	v.ID = id
	return v, nil
}

func (s *attic) HeyGenDeleted(_ context.Context, video uuid.UUID) error {
	s.deleted = append(s.deleted, video)
	return s.err
}

func (s *attic) ForgetActions(context.Context, time.Duration) (int, error) {
	n := s.forget[0]
	s.forget = s.forget[1:]
	return n, s.err
}

var someDay = Retention{Videos: store.Retention{Completed: 24 * time.Hour}, Audit: time.Hour, AtHeyGen: time.Hour}

func TestRemoveVideos_removes_rows_and_then_files(t *testing.T) {
	t.Parallel()
	s := &attic{fakeStore: newFakeStore()}
	b := newBench(t, newHost(t), func(o *Options) { o.Store, o.Retention = s, someDay })
	first, second := publish(t, b.Media, ada.String(), 1), publish(t, b.Media, ada.String(), 2)
	kept := publish(t, b.Media, ada.String(), 3)
	s.pages = []store.Removed{
		{Videos: 2, Files: 1, Prefixes: []string{first, second}, Next: ada},
		{Videos: 1, Prefixes: []string{first}}, // it is gone already
	}
	said, err := b.removeVideos(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "said", said, "removed 3 videos, removed the files of 1 video")
	compare(t, "pages", s.asked, []uuid.UUID{uuid.Nil, ada})
	for _, file := range filesUnder(t, filepath.Join(b.dir, "media")) {
		if !strings.Contains(filepath.ToSlash(file), strings.TrimSuffix(kept, "/")) {
			t.Errorf("%s was left", file)
		}
	}
}

// What users left that were deleted with their videos goes, though nothing else does.
func TestRemoveVideos_removes_what_users_left(t *testing.T) {
	t.Parallel()
	s := &attic{fakeStore: newFakeStore()}
	b := newBench(t, newHost(t), func(o *Options) { o.Store = s })
	prefix := publish(t, b.Media, ada.String(), 1)
	s.left = []store.Removed{{Videos: 500, Next: ada}, {Videos: 1, Prefixes: []string{prefix}}}
	said, err := b.removeVideos(t.Context())
	if err != nil || said != "removed 501 videos" {
		t.Errorf("said %q, %v", said, err)
	}
	if files := filesUnder(t, filepath.Join(b.dir, "media")); len(files) != 0 {
		t.Errorf("left are %v", files)
	}
}

func TestRemoveVideos_says_what_it_got_done_before_it_failed(t *testing.T) {
	t.Parallel()
	s := &attic{fakeStore: newFakeStore(), err: errAway, pages: []store.Removed{{Videos: 2, Next: ada}}}
	b := newBench(t, nil, func(o *Options) { o.Store, o.Retention = s, someDay })
	said, err := b.removeVideos(t.Context())
	if !errors.Is(err, errAway) || said != "removed 2 videos" {
		t.Errorf("said %q, %v", said, err)
	}
}

func TestRetention_does_nothing_that_nobody_asked_for(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil, func(o *Options) { o.Store = &attic{fakeStore: newFakeStore()} })
	for name, do := range map[string]chore{"videos": b.removeVideos, "HeyGen's": b.deleteAtHeyGen, "actions": b.forgetActions} {
		if said, err := do(t.Context()); said != "" || err != nil {
			t.Errorf("%s: said %q, %v", name, said, err)
		}
	}
}

// Neither our files nor HeyGen's copies go while a place belongs to another installation,
// or while it cannot be told whose it is.
func TestRetention_removes_nothing_that_may_be_anothers(t *testing.T) {
	t.Parallel()
	theirs := errors.New("it is another installation's")
	var asked []string
	web := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked = append(asked, r.Method+" "+r.URL.Path) })
	s := &attic{fakeStore: newFakeStore(), copies: []store.HeyGenCopy{{Video: ada, HeyGenID: "one"}}}
	b := newBench(t, web, func(o *Options) {
		o.Store, o.Retention = s, someDay
		o.Owns = func(context.Context) error { return theirs }
	})
	s.pages = []store.Removed{{Videos: 1, Prefixes: []string{publish(t, b.Media, ada.String(), 1)}}}
	for name, do := range map[string]chore{"videos": b.removeVideos, "HeyGen's": b.deleteAtHeyGen} {
		if said, err := do(t.Context()); said != "" || !errors.Is(err, theirs) {
			t.Errorf("%s: said %q, %v", name, said, err)
		}
	}
	if files := filesUnder(t, filepath.Join(b.dir, "media")); len(files) != 1 || len(s.pages) != 1 {
		t.Errorf("the files are %v, and the store was asked from %v on", files, s.asked)
	}
	if len(asked) > 0 || len(s.deleted) > 0 {
		t.Errorf("HeyGen was asked %v, and %v was written down", asked, s.deleted)
	}
}

func TestForget_goes_on_until_a_batch_is_not_full(t *testing.T) {
	t.Parallel()
	s := &attic{fakeStore: newFakeStore(), forget: []int{store.RetentionBatch, store.RetentionBatch, 5}}
	b := newBench(t, nil, func(o *Options) { o.Store, o.Retention = s, someDay })
	said, err := b.forgetActions(t.Context())
	if err != nil || said != "forgot 2005 actions" {
		t.Errorf("said %q, %v", said, err)
	}
}

func TestDeleteAtHeyGen(t *testing.T) {
	t.Parallel()
	refuses := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			answer(w, map[string]any{"error": map[string]any{"code": "no", "message": "no"}})
		}
	}
	deletes := func(w http.ResponseWriter, r *http.Request) {
		answer(w, map[string]any{"data": map[string]any{"id": r.PathValue("id"), "deleted": true}})
	}
	for _, c := range []struct {
		name    string
		second  http.HandlerFunc // what HeyGen says to the second of three
		deleted int
		said    string
		fails   bool
	}{
		{"all", deletes, 3, "deleted 3 videos", false},
		{"one that is deleted already", refuses(http.StatusNotFound), 3, "deleted 3 videos", false},
		{"one that cannot be deleted holds up nobody", refuses(http.StatusBadRequest), 2, "deleted 2 videos", true},
		{"a pause", refuses(http.StatusTooManyRequests), 1, "deleted 1 video, HeyGen asked for a pause", false},
		{"a door that is closed", refuses(http.StatusUnauthorized), 1, "deleted 1 video", true},
		{"an outage", refuses(http.StatusBadGateway), 1, "deleted 1 video", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			web := http.NewServeMux()
			web.HandleFunc("DELETE /v3/videos/{id}", deletes)
			web.HandleFunc("DELETE /v3/videos/two", c.second)
			s := &attic{fakeStore: newFakeStore(), copies: []store.HeyGenCopy{
				{Video: uuid.New(), HeyGenID: "one"}, {Video: uuid.New(), HeyGenID: "two"}, {Video: uuid.New(), HeyGenID: "three"},
			}}
			b := newBench(t, web, func(o *Options) { o.Store, o.Retention = s, someDay })
			b.deletePause = 0
			said, err := b.deleteAtHeyGen(t.Context())
			if said != c.said || (err != nil) != c.fails || len(s.deleted) != c.deleted {
				t.Errorf("said %q, %v, and wrote down %d", said, err, len(s.deleted))
			}
		})
	}
}

// One run does not keep the other scheduled jobs waiting for as long as there is
// something to delete.
func TestDeleteAtHeyGen_goes_on_with_the_next_tick(t *testing.T) {
	t.Parallel()
	web := http.NewServeMux()
	web.HandleFunc("DELETE /v3/videos/{id}", func(w http.ResponseWriter, r *http.Request) {
		answer(w, map[string]any{"data": map[string]any{"id": r.PathValue("id"), "deleted": true}})
	})
	s := &attic{fakeStore: newFakeStore(), copies: []store.HeyGenCopy{{Video: uuid.New(), HeyGenID: "one"}, {Video: uuid.New(), HeyGenID: "two"}}}
	b := newBench(t, web, func(o *Options) { o.Store, o.Retention = s, someDay })
	b.deletePause, b.deleteTime = 0, 0
	said, err := b.deleteAtHeyGen(t.Context())
	if said != "deleted 1 video, the rest comes with the next tick" || err != nil || len(s.deleted) != 1 {
		t.Errorf("said %q, %v, and wrote down %d", said, err, len(s.deleted))
	}
}

// HeyGen's copy of a video whose own file is lost is the last one, and stays.
func TestDeleteAtHeyGen_spares_the_last_copy(t *testing.T) {
	t.Parallel()
	var asked []string
	removed := uuid.New()
	web := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		answer(w, map[string]any{"data": map[string]any{"id": "x", "deleted": true}})
	})
	s := &attic{fakeStore: newFakeStore(), copies: []store.HeyGenCopy{{Video: ada, HeyGenID: "lost"}, {Video: removed, HeyGenID: "removed_by_retention"}, {Video: uuid.New(), HeyGenID: "deleted_meanwhile"}}}
	s.videos = map[uuid.UUID]store.Video{removed: {}, ada: {MediaPrefix: "videos/" + ada.String() + "/1/", File: &store.File{Bytes: 1, SHA256: "x"}}}
	b := newBench(t, web, func(o *Options) { o.Store, o.Retention = s, someDay })
	b.deletePause = 0
	said, err := b.deleteAtHeyGen(t.Context())
	if fault.CodeOf(err) != fault.NotFound || errors.Is(err, errOursLost) || said != "deleted 1 video" {
		t.Errorf("said %q, %v", said, err) // the one that was deleted meanwhile ends the run, and the next one goes on
	}
	compare(t, "asked", asked, []string{"/v3/videos/removed_by_retention"})
}

// The key of another account deletes nothing, and none of its answers is taken
// for a deletion.
func TestDeleteAtHeyGen_with_the_key_of_another_account(t *testing.T) {
	t.Parallel()
	web := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	s := &attic{fakeStore: newFakeStore()}
	for range fewUnknown + 1 {
		s.copies = append(s.copies, store.HeyGenCopy{Video: uuid.New(), HeyGenID: "gone"})
	}
	b := newBench(t, web, func(o *Options) { o.Store, o.Retention = s, someDay })
	b.deletePause = 0
	if said, err := b.deleteAtHeyGen(t.Context()); err == nil || len(s.deleted) != 0 {
		t.Errorf("said %q, %v, and wrote down %d", said, err, len(s.deleted))
	}
	s.copies = s.copies[:fewUnknown] // which may be those that a run before could not write down
	if said, err := b.deleteAtHeyGen(t.Context()); err != nil || len(s.deleted) != fewUnknown {
		t.Errorf("said %q, %v, and wrote down %d", said, err, len(s.deleted))
	}
}
