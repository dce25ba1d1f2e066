package handlers

import (
	"context"
	"fmt"

	"heyq/heygen"
	"heyq/jobs"
	"heyq/media"
	"heyq/store"
)

// downloadVideos fetches finished videos, checks them and publishes them.
func (h *Handlers) downloadVideos(ctx context.Context, task jobs.VideoTask) error {
	return h.ahead(ctx, store.Download, jobs.DownloadQueue, task, h.downloadVideo)
}

// downloadVideo ends with a file that is whole and playable under this run's
// own prefix, or with nothing there that a row points to.
func (h *Handlers) downloadVideo(ctx context.Context, run store.Run, _ guard) store.End {
	links, err := h.freshLinks(ctx, run)
	if err != nil {
		return h.downloadFailed(ctx, run, err)
	}
	spooled, err := h.Media.Fetch(ctx, media.Source{URL: links.VideoURL, Name: spoolName(run, media.VideoName), MaxBytes: h.MaxVideoBytes})
	if err != nil {
		return h.downloadFailed(ctx, run, err)
	}
	defer func() { _ = spooled.Remove() }()
	facts, err := media.Probe(spooled.Path)
	if err != nil {
		return h.downloadFailed(ctx, run, err)
	}
	prefix, file, err := h.publish(ctx, run, links, spooled, facts)
	if err != nil {
		return h.downloadFailed(ctx, run, err)
	}
	return store.Downloaded(run, prefix, file)
}

// freshLinks asks for links right before they are used: they expire. A video
// that is completed and has none yet is not done.
func (h *Handlers) freshLinks(ctx context.Context, run store.Run) (heygen.Video, error) {
	v, err := h.HeyGen.Videos.Get(ctx, run.HeyGenID)
	switch {
	case err != nil:
		return v, err
	case v.Status == heygen.StatusFailed:
		return v, dead(v)
	case v.VideoURL == "":
		return v, errNoLink
	}
	return v, nil
}

// spoolName is this run's own: a stale runner writes to another file.
func spoolName(run store.Run, name string) string {
	return fmt.Sprintf("%s.%d.%s", run.Video, run.Run, name)
}
