package handlers

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"heyq/heygen"
	"heyq/jobs"
	"heyq/store"
)

// bounded gives the steps of a queue bounds of their own.
func bounded(queue jobs.Queue, b Bounds) func(*Options) {
	return func(o *Options) { o.Bounds = map[jobs.Queue]Bounds{queue: b} }
}

// silent never answers.
func silent(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// A download whose time is up is an attempt that failed, and its place is free.
func TestBounds_end_a_download(t *testing.T) {
	t.Parallel()
	web := newHost(t)
	web.files["/video"] = silent
	b := newBench(t, web, bounded(jobs.DownloadQueue, Bounds{Timeout: 50 * time.Millisecond, Attempts: 3}))
	e := b.downloadVideo(t.Context(), downloadRun(1), sendDeadline{})
	if e.To != store.Downloading || e.Attempts != store.CountAttempt || e.Cause == nil {
		t.Fatalf("the second of three attempts ended as %+v", e)
	}
	if said := e.Cause.Error(); !strings.Contains(said, "within 50ms (HEYQ_DOWNLOAD_TIMEOUT)") {
		t.Errorf("it says %q", said)
	}
	if e := b.downloadVideo(t.Context(), downloadRun(2), sendDeadline{}); e.To != store.Failed || e.Failure.Code != "download_failed" {
		t.Errorf("the third one ended as %+v", e)
	}
}

// A poll whose time is up is tried again, however often that has been.
func TestBounds_end_a_poll(t *testing.T) {
	t.Parallel()
	b := newBench(t, http.HandlerFunc(silent), bounded(jobs.PollQueue, Bounds{Timeout: 50 * time.Millisecond}))
	run := newRun(store.Rendering)
	run.Attempt = 1000
	ends := b.pollRuns(t.Context(), []store.Run{run})
	if e := ends[0]; e.To != store.Rendering || e.Attempts != store.CountAttempt || !strings.Contains(e.Cause.Error(), "HEYQ_POLL_TIMEOUT") {
		t.Errorf("ended as %+v", e)
	}
}

func TestBounds_of_a_create_are_its_attempts(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil, bounded(jobs.CreateQueue, Bounds{Attempts: 2}))
	run := newRun(store.Submitting)
	if e := b.createEnd(t.Context(), run, heygen.Created{}, errOther); e.StoreRefusal != nil {
		t.Errorf("the first ended as %+v", e)
	}
	run.Attempt = 1
	if e := b.createEnd(t.Context(), run, heygen.Created{}, errOther); e.StoreRefusal == nil || e.StoreRefusal.Code != store.UnreachableCode {
		t.Errorf("the second ended as %+v", e)
	}
}

// unmeasured is a store that is silent, or takes no analysis.
type unmeasured struct {
	*fakeStore
	silent bool
	most   int // attempts that an analysis has
}

func (s *unmeasured) VideosByID(ctx context.Context, _ store.Viewer, _ []uuid.UUID) ([]store.Video, error) {
	if s.silent {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return []store.Video{{ID: ada, File: &store.File{}}}, nil
}

func (s *unmeasured) SaveAnalyses(context.Context, []store.Analysis) error { return errOther }

func (s *unmeasured) FailAnalyses(_ context.Context, _ []uuid.UUID, _ time.Duration, most int) error {
	s.most = most
	return nil
}

// An analysis that hangs gives its place back, and one that fails has its own attempts.
func TestBounds_end_an_analysis(t *testing.T) {
	t.Parallel()
	task := jobs.VideoTask{Videos: []store.Claim{{Video: ada, Claim: 1}}}
	s := &unmeasured{fakeStore: newFakeStore(), silent: true}
	b := newBench(t, nil, bounded(jobs.AnalyticsQueue, Bounds{Timeout: 50 * time.Millisecond, Attempts: 3}), func(o *Options) { o.Store = s })
	for range 20 { // more than run at once
		if err := b.analyzeVideos(t.Context(), task); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v, want that its time is up", err)
		}
	}
	s.silent = false
	if err := b.analyzeVideos(t.Context(), task); err != nil || s.most != 3 {
		t.Errorf("got %v and %d attempts, want 3", err, s.most)
	}
}

// No setting changes those of an analysis.
func TestBounds_of_an_analysis_by_default(t *testing.T) {
	t.Parallel()
	if got, want := newBench(t, nil).bounds(jobs.AnalyticsQueue), (Bounds{Timeout: time.Minute, Attempts: 5}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
