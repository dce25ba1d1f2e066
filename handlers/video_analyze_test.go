package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"heyq/jobs"
	"heyq/store"
)

// timeline reads "state seconds" pairs, in seconds since the video's creation.
func timeline(t *testing.T, created time.Time, text string) (events []store.Event) {
	t.Helper()
	words := strings.Fields(text)
	for i := 0; i < len(words); i += 2 {
		after, err := time.ParseDuration(words[i+1] + "s")
		if err != nil || !slices.Contains(store.States, store.State(words[i])) {
			t.Fatalf("%s %s: %v", words[i], words[i+1], err)
		}
		events = append(events, store.Event{State: store.State(words[i]), At: created.Add(after)})
	}
	return events
}

func TestAnalyze_measures_the_render_that_was_finished(t *testing.T) {
	t.Parallel()
	created := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	type times struct{ Queue, Submit, Render, Download int } // seconds
	for _, c := range []struct {
		name      string
		notBefore int
		timeline  string
		want      times
	}{
		{"straight", 0, "queued 0 submitting 10 rendering 13 downloading 613 completed 620", times{10, 3, 600, 7}},
		{"waited for its time", 8, "queued 0 submitting 10 rendering 13 downloading 613 completed 620", times{2, 3, 600, 7}},
		{
			"sent back into the line by a 429", 0,
			"queued 0 submitting 10 queued 11 submitting 50 rendering 53 downloading 653 completed 660",
			times{50, 3, 600, 7},
		},
		{
			"a retry that rendered anew", 0,
			"queued 0 submitting 10 rendering 13 failed 500 queued 1000 submitting 1020 rendering 1025 downloading 1325 completed 1330",
			times{20, 5, 300, 5},
		},
		{
			"a retry that resumed the render", 0,
			"queued 0 submitting 10 rendering 13 failed 500 rendering 700 downloading 713 completed 720",
			times{10, 3, 700, 7},
		},
		{
			"timed out and completed after all", 0,
			"queued 0 submitting 10 rendering 13 failed 500 downloading 713 completed 720",
			times{10, 3, 700, 7},
		},
		{
			"a download that was retried", 0,
			"queued 0 submitting 10 rendering 13 downloading 113 failed 500 rendering 700 downloading 701 completed 705",
			times{10, 3, 100, 4},
		},
		{
			"a film that a person accepted", 0,
			"queued 0 submitting 10 rendering 13 downloading 113 failed 117 completed 9000",
			times{10, 3, 100, 4},
		},
		{
			"cancelled, retried anew, and then its download as well", 0,
			"queued 0 cancelled 5 queued 100 submitting 101 rendering 103 downloading 203 failed 300 rendering 400 downloading 401 completed 402",
			times{1, 2, 100, 1},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			events := timeline(t, created, c.timeline)
			v := store.Video{
				ID: ada, UserID: "u", CreatedAt: created, Timeline: events, CompletedAt: events[len(events)-1].At,
				Request: json.RawMessage(`{"template_id":"t1"}`), File: &store.File{Bytes: 9, Duration: 2500 * time.Millisecond},
			}
			if c.notBefore > 0 {
				v.NotBefore = created.Add(time.Duration(c.notBefore) * time.Second)
			}
			b := newBench(t, nil, func(o *Options) { o.PricePerSecond = 0.2 })
			got, ok := b.analyze(v)
			if !ok {
				t.Fatal("it was not measured")
			}
			compare(t, "analysis", got, store.Analysis{
				VideoID: ada, UserID: "u", Template: "t1", File: *v.File, Price: 0.5, CompletedAt: v.CompletedAt,
				QueueTime: time.Duration(c.want.Queue) * time.Second, SubmitTime: time.Duration(c.want.Submit) * time.Second,
				RenderTime: time.Duration(c.want.Render) * time.Second, DownloadTime: time.Duration(c.want.Download) * time.Second,
			})
		})
	}
}

// What HeyGen bills is its own duration, whatever came.
func TestAnalyze_prices_what_HeyGen_bills(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil, func(o *Options) { o.PricePerSecond = 0.2 })
	v := store.Video{File: &store.File{Duration: 4 * time.Second, Promised: 333 * time.Second}}
	if got, _ := b.analyze(v); got.Price < 66.59 || got.Price > 66.61 {
		t.Errorf("price %v, want 66.6", got.Price)
	}
}

// analyses is a store of completed videos.
type analyses struct {
	*fakeStore
	videos  []store.Video
	saveErr error
	saved   []store.Analysis
	failed  []uuid.UUID
}

func (s *analyses) VideosByID(_ context.Context, _ store.Viewer, ids []uuid.UUID) ([]store.Video, error) {
	return s.videos, nil
}

func (s *analyses) SaveAnalyses(_ context.Context, list []store.Analysis) error {
	s.saved = list
	return s.saveErr
}

func (s *analyses) FailAnalyses(_ context.Context, ids []uuid.UUID, _ time.Duration, most int) error {
	if most == analyzeAttempts {
		s.failed = ids
	}
	return nil
}

func TestAnalyzeVideos(t *testing.T) {
	t.Parallel()
	whole := store.Video{ID: ada, File: &store.File{}}
	gone := store.Video{ID: uuid.Must(uuid.NewV7())} // has no file
	task := jobs.VideoTask{Videos: []store.Claim{{Video: whole.ID, Claim: 1}, {Video: gone.ID, Claim: 1}}}
	for _, c := range []struct {
		name    string
		saveErr error
		failed  int
		err     error
	}{
		{"saved", nil, 0, nil},
		{"refused by the store: counted in the row", errOther, 1, nil},
		{"the store is away: asynq tries again", errAway, 0, errAway},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := &analyses{fakeStore: newFakeStore(), videos: []store.Video{whole, gone}, saveErr: c.saveErr}
			b := newBench(t, nil, func(o *Options) { o.Store = s })
			if err := b.analyzeVideos(t.Context(), task); !errors.Is(err, c.err) {
				t.Errorf("got %v, want %v", err, c.err)
			}
			if len(s.saved) != 1 || s.saved[0].VideoID != whole.ID || len(s.failed) != c.failed {
				t.Errorf("saved %v, failed %v", s.saved, s.failed)
			}
		})
	}
}

// picky refuses one of the analyses, and with it every list that holds it.
type picky struct {
	analyses
	bad   uuid.UUID
	total int
}

func (s *picky) SaveAnalyses(_ context.Context, list []store.Analysis) error {
	for _, a := range list {
		if a.VideoID == s.bad {
			return errOther
		}
	}
	s.total += len(list)
	return nil
}

// One that cannot be written took 99 others along, five times, and all were given up.
func TestAnalyzeVideos_one_bad_of_a_hundred(t *testing.T) {
	t.Parallel()
	s := &picky{}
	var task jobs.VideoTask
	for range 100 {
		id := uuid.Must(uuid.NewV7())
		s.videos = append(s.videos, store.Video{ID: id, File: &store.File{}})
		task.Videos = append(task.Videos, store.Claim{Video: id, Claim: 1})
	}
	s.bad = s.videos[42].ID
	h := newBench(t, nil, func(o *Options) { o.Store = s }).Handlers
	if err := h.analyzeVideos(t.Context(), task); err != nil {
		t.Fatal(err)
	}
	if s.total != 99 || len(s.failed) != 1 || s.failed[0] != s.bad {
		t.Errorf("%d were saved, and %v failed; want 99 and %s", s.total, s.failed, s.bad)
	}
}
