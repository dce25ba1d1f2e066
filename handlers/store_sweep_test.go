package handlers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"heyq/media"
)

// prefixes is a store whose videos point to these prefixes.
type prefixes struct {
	*fakeStore
	of  map[uuid.UUID]string
	err error
}

func (s prefixes) MediaPrefixes(_ context.Context, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	found := map[uuid.UUID]string{}
	for _, id := range ids {
		if prefix, ok := s.of[id]; ok {
			found[id] = prefix
		}
	}
	return found, s.err
}

func TestSweepStore_removes_only_what_no_row_points_to(t *testing.T) {
	t.Parallel()
	const old, young = 25 * time.Hour, 23 * time.Hour // a run may take its time, and a day is said to be spared
	id := func(n int) string { return fmt.Sprintf("01900000-0000-7000-8000-%012d", n) }
	s := prefixes{fakeStore: newFakeStore(), of: map[uuid.UUID]string{
		uuid.MustParse(id(1)): "videos/" + id(1) + "/3/",
		uuid.MustParse(id(2)): "", // failed, or not done yet
	}}
	b := newBench(t, newHost(t), func(o *Options) { o.Store = s })
	type published struct {
		video string
		run   int64
		age   time.Duration
		kept  bool
	}
	list := []published{
		{id(1), 3, old, true},   // the one that its row points to
		{id(1), 1, old, false},  // an older run's
		{id(1), 30, old, false}, // a zombie's, whose number begins like the right one
		{id(1), 2, young, true}, // perhaps still at work
		{id(2), 1, old, false},  // its row points to nothing
		{id(2), 2, young, true}, // it may be about to say so
		{id(3), 1, old, false},  // there is no such row
		{"poster", 1, old, true},
	}
	var want []string
	for _, p := range list {
		prefix := publish(t, b.Media, p.video, p.run)
		age(t, filepath.Join(b.dir, "media", prefix), p.age)
		if p.kept {
			want = append(want, prefix)
		}
	}
	said, err := b.sweepStore(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	left := map[string]bool{}
	for prefix, err := range b.Media.Prefixes(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		left[prefix.String()] = true
	}
	for _, prefix := range want {
		if !left[prefix] {
			t.Errorf("%s was removed", prefix)
		}
		delete(left, prefix)
	}
	for prefix := range left {
		t.Errorf("%s was left", prefix)
	}
	compare(t, "said", said, "moved 4 orphaned folders")

	trash := filepath.Join(b.dir, "media", "trash")
	if files := filesUnder(t, trash); len(files) != 4 {
		t.Errorf("in the trash are %v", files)
	}
	age(t, filepath.Join(trash, "videos", id(1)), media.TrashLife+time.Hour)
	if _, err := b.sweepStore(t.Context()); err != nil {
		t.Fatal(err)
	}
	if files := filesUnder(t, trash); len(files) != 2 {
		t.Errorf("a week later, in the trash are %v", files)
	}
}

// What may still be at work is spared for a day, as the documentation says.
func TestSweepStore_spares_a_day(t *testing.T) {
	t.Parallel()
	b := newBench(t, newHost(t), func(o *Options) { o.Store = prefixes{fakeStore: newFakeStore()} })
	young, old := publish(t, b.Media, uuid.NewString(), 1), publish(t, b.Media, uuid.NewString(), 1)
	age(t, filepath.Join(b.dir, "media", young), 23*time.Hour)
	age(t, filepath.Join(b.dir, "media", old), 25*time.Hour)
	orphans, _, err := b.orphans(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "orphans", orphans, []string{old})
}

func TestSweepStore_removes_nothing_when_the_store_cannot_say(t *testing.T) {
	t.Parallel()
	s := prefixes{fakeStore: newFakeStore(), err: errAway}
	b := newBench(t, newHost(t), func(o *Options) { o.Store = s })
	prefix := publish(t, b.Media, ada.String(), 1)
	age(t, filepath.Join(b.dir, "media", prefix), 2*sweepAge)
	if _, err := b.sweepStore(t.Context()); err == nil {
		t.Error("the failure is nobody's")
	}
	if files := filesUnder(t, filepath.Join(b.dir, "media")); len(files) != 1 {
		t.Errorf("left %v", files)
	}
}

// A media store that is full of strangers' files is not this database's, or the
// database is not what it was.
func TestSweepStore_touches_nothing_where_much_is_unknown(t *testing.T) {
	t.Parallel()
	s := prefixes{fakeStore: newFakeStore()}
	theirs := errors.New("it is another installation's")
	var owned error
	b := newBench(t, newHost(t), func(o *Options) {
		o.Store = s
		o.Owns = func(context.Context) error { return owned }
	})
	for range sweepFew + 1 {
		prefix := publish(t, b.Media, uuid.NewString(), 1)
		age(t, filepath.Join(b.dir, "media", prefix), 2*sweepAge)
	}
	want := func(text string) {
		t.Helper()
		if _, err := b.sweepStore(t.Context()); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("got %v, want %q", err, text)
		}
		if files := filesUnder(t, filepath.Join(b.dir, "media", "videos")); len(files) != sweepFew+1 {
			t.Errorf("left %v", files)
		}
	}
	want("21 of 21 folders")
	owned = theirs
	want(theirs.Error())
}

// On S3 the parts of an upload that never ended are listed nowhere, and paid for.
func TestSweepStore_gives_up_old_uploads(t *testing.T) {
	t.Parallel()
	uploads := map[string]time.Duration{"old": 25 * time.Hour, "young": 23 * time.Hour}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch query := r.URL.Query(); {
		case r.Method == http.MethodDelete:
			delete(uploads, query.Get("uploadId"))
			w.WriteHeader(http.StatusNoContent)
		case query.Has("uploads"):
			_, _ = io.WriteString(w, "<ListMultipartUploadsResult>")
			for id, age := range uploads {
				_, _ = fmt.Fprintf(w, "<Upload><Key>videos/v/1/video.mp4</Key><UploadId>%s</UploadId><Initiated>%s</Initiated></Upload>",
					id, time.Now().Add(-age).UTC().Format(time.RFC3339))
			}
			_, _ = io.WriteString(w, "</ListMultipartUploadsResult>")
		default:
			_, _ = io.WriteString(w, "<ListBucketResult></ListBucketResult>")
		}
	}))
	t.Cleanup(server.Close)
	b := newBench(t, newHost(t), func(o *Options) { o.Store = prefixes{fakeStore: newFakeStore()} })
	b.Media = newLibrary(t, b.dir, func(o *media.Options) {
		o.URL = "s3://shelf?region=us-east-1&anonymous=true&use_path_style=true&disable_https=true&endpoint=" + server.URL
	})
	said, err := b.sweepStore(t.Context())
	if _, kept := uploads["young"]; err != nil || said != "gave up 1 upload" || len(uploads) != 1 || !kept {
		t.Errorf("said %q, %v; left are %v", said, err, uploads)
	}
}

// A few per cent are leftovers. More of a large media store, or nearly all of a small one,
// are the videos of another database.
func TestTooMany(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n, all int
		want   bool
	}{
		{0, 0, false},
		{1, 1, false},
		{20, 20, false},
		{21, 21, true},
		{50, 50, true}, // a small store whose database was set back
		{30, 1000, false},
		{31, 1000, true},
		{101, 3400, false},
		{101, 3300, true},
		{3400, 3400, true},
	} {
		if got := tooMany(c.n, c.all); got != c.want {
			t.Errorf("%d of %d: %t, want %t", c.n, c.all, got, c.want)
		}
	}
}

func publish(t *testing.T, library *media.Library, video string, run int64) string {
	t.Helper()
	prefix, err := media.PrefixOf(video, run)
	if err != nil {
		t.Fatal(err)
	}
	if err := library.Publish(t.Context(), prefix, media.File{Name: media.VideoName, Data: bytes.Repeat([]byte("x"), 9)}); err != nil {
		t.Fatal(err)
	}
	return prefix
}

// age makes path, and everything below it, look as if it were that old.
func age(t *testing.T, path string, old time.Duration) {
	t.Helper()
	at := time.Now().Add(-old)
	err := filepath.WalkDir(path, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chtimes(path, at, at)
	})
	if err != nil {
		t.Fatal(err)
	}
}
