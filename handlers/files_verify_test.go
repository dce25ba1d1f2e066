package handlers

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/media"
	"heyq/store"
)

// published is a store of completed videos, newest first, some of which cannot be
// fetched again.
type published struct {
	*fakeStore
	list      []store.Video
	deleted   map[uuid.UUID]bool // HeyGen has no copy
	refetched []uuid.UUID
}

func (s *published) Videos(_ context.Context, _ store.Viewer, f store.Filter, p store.Page) ([]store.Video, int, error) {
	if f.State != store.Completed {
		return nil, 0, errOther
	}
	from := min((p.Number-1)*p.Size, len(s.list))
	return s.list[from:min(from+p.Size, len(s.list))], len(s.list), nil
}

func (s *published) Counts(context.Context) (map[store.State]int, error) {
	return map[store.State]int{store.Completed: len(s.list)}, nil
}

func (s *published) Refetch(_ context.Context, _ store.Viewer, id uuid.UUID, prefix string) (store.Video, error) {
	if s.deleted[id] {
		return store.Video{}, fault.New(fault.Conflict, "HeyGen has no copy")
	}
	s.refetched = append(s.refetched, id)
	return store.Video{}, nil
}

// newPublished publishes n videos and removes the files of some.
func newPublished(t *testing.T, n int, lost ...int) (*published, *bench) {
	t.Helper()
	s := &published{fakeStore: newFakeStore(), deleted: map[uuid.UUID]bool{}}
	b := newBench(t, newHost(t), func(o *Options) { o.Store = s })
	for range n {
		id := uuid.New()
		s.list = append(s.list, store.Video{
			ID: id, State: store.Completed, MediaPrefix: publish(t, b.Media, id.String(), 1),
			File: &store.File{Bytes: 9, SHA256: nineX},
		})
	}
	for _, i := range lost {
		if err := os.Remove(filepath.Join(b.dir, "media", s.list[i].MediaPrefix, media.VideoName)); err != nil {
			t.Fatal(err)
		}
	}
	return s, b
}

// nineX is the SHA-256 of what publish publishes.
const nineX = "a73add1aecea03a894ca65d99bc5e91d21b58cdb728343bbcb6cf6cf38b809f5"

func TestVerifyFiles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		videos  int
		lost    []int
		deleted int // -1: none
		said    string
		again   int
		fails   string
	}{
		{"nothing yet", 0, nil, -1, "", 0, ""},
		{"all whole", 3, nil, -1, "verified 3 files", 0, ""},
		{"one lost", 3, []int{1}, -1, "verified 3 files, of which 1 were lost and 1 are fetched again", 1, ""},
		{"one that HeyGen has deleted", 3, []int{0, 1}, 1, "verified 3 files, of which 2 were lost and 1 are fetched again", 1, ""},
		{"a store that is not mounted", 6, []int{0, 1, 2, 3, 4, 5}, -1, "verified 6 files", 0, "6 of 6 files that were verified are lost"},
		{"more than a sample", sampleNewest + sampleOthers + 20, nil, -1, "", 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, b := newPublished(t, c.videos, c.lost...)
			if c.deleted >= 0 {
				s.deleted[s.list[c.deleted].ID] = true
			}
			said, err := b.verifyFiles(t.Context())
			if c.videos <= sampleNewest {
				compare(t, "said", said, c.said)
			} else if said != "verified 100 files" && said != "verified 70 files" {
				t.Errorf("said %q", said)
			}
			compare(t, "fetched again", len(s.refetched), c.again)
			if (err != nil) != (c.fails != "") || err != nil && !strings.Contains(err.Error(), c.fails) {
				t.Errorf("got %v, want %q", err, c.fails)
			}
		})
	}
}

// A media store that cannot be read has lost nothing.
func TestVerifyFiles_of_what_cannot_be_read(t *testing.T) {
	t.Parallel()
	s, b := newPublished(t, 1)
	folder := filepath.Join(b.dir, "media", s.list[0].MediaPrefix)
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(folder, nil, 0o600); err != nil { // in the way
		t.Fatal(err)
	}
	if _, err := b.verifyFiles(t.Context()); err == nil || len(s.refetched) > 0 {
		t.Errorf("fetched %v again, %v", s.refetched, err)
	}
}

// A file that is there after all is not fetched: HeyGen may have deleted its copy.
func TestDownloadVideo_again(t *testing.T) {
	t.Parallel()
	web := newHost(t)
	b := newBench(t, web)
	prefix := publish(t, b.Media, ada.String(), 1)
	file := store.File{Bytes: 9, SHA256: nineX}
	run := downloadRun(0)
	run.MediaPrefix, run.File = prefix, &file
	web.status = 404
	if e := b.downloadVideo(t.Context(), run, sendDeadline{}); e.To != store.Completed || e.MediaPrefix != prefix || *e.File != file {
		t.Errorf("ended as %+v", e)
	}
	if err := b.Media.Delete(t.Context(), prefix); err != nil {
		t.Fatal(err)
	}
	run.Doubts, run.DoubtedFor = leastTimes, 24*time.Hour
	e := b.downloadVideo(t.Context(), run, sendDeadline{})
	if o := outcome(e); o.To != store.Failed || o.Code != "file_lost" || !strings.Contains(e.Failure.Message, "HeyGen does not know the video") {
		t.Errorf("ended as %+v", e)
	}
	web.status = 0
	if e := b.downloadVideo(t.Context(), run, sendDeadline{}); e.To != store.Completed || e.MediaPrefix == prefix || e.File.Bytes != int64(len(clip(t))) {
		t.Errorf("ended as %+v", e)
	}
}
