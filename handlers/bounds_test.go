package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"

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
