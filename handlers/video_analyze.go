package handlers

import (
	"context"
	"time"

	"heyq/jobs"
	"heyq/store"
)

// analyzeWait is the wait before a failed analysis is tried again.
const analyzeWait = time.Minute

// analyzeVideos measures up to a hundred completed videos. It writes an upsert
// and so needs no fence: measuring twice gives the same.
func (h *Handlers) analyzeVideos(ctx context.Context, task jobs.VideoTask) error {
	limit := h.limits[jobs.AnalyticsQueue]
	if !h.acquire(ctx, limit) {
		return nil
	}
	defer limit.Release(1)
	ids := store.IDs(task.Videos)
	videos, err := h.Store.VideosByID(ctx, ids)
	if err != nil {
		return err
	}
	list := make([]store.Analysis, 0, len(videos))
	for _, v := range videos {
		if analysis, ok := h.analyze(v); ok {
			list = append(list, analysis)
		}
	}
	if err := h.Store.SaveAnalyses(ctx, list); err != nil {
		if wrong(err) {
			return h.Store.FailAnalyses(ctx, ids, analyzeWait, analyzeAttempts)
		}
		return err
	}
	return nil
}

// analyze measures one video; ok is false where it has no file.
func (h *Handlers) analyze(v store.Video) (analysis store.Analysis, ok bool) {
	if v.File == nil {
		return store.Analysis{}, false
	}
	template := ""
	if render, err := jobs.ReadRender(v.Request); err == nil {
		template = render.TemplateID
	}
	times := lastTimes(v.Timeline)
	waitedSince := v.CreatedAt
	if v.NotBefore.After(waitedSince) {
		waitedSince = v.NotBefore
	}
	return store.Analysis{
		VideoID: v.ID, UserID: v.UserID, Template: template,
		QueueTime:    between(waitedSince, times[store.Submitting]),
		SubmitTime:   between(times[store.Submitting], times[store.Rendering]),
		RenderTime:   between(times[store.Rendering], times[store.Downloading]),
		DownloadTime: between(times[store.Downloading], times[store.Completed]),
		File:         *v.File,
		Price:        v.File.Duration.Seconds() * h.PricePerSecond,
		CompletedAt:  v.CompletedAt,
	}, true
}

// lastTimes is when the video entered each state for the last time: a retry
// passes some of them again.
func lastTimes(timeline []store.Event) map[store.State]time.Time {
	times := map[store.State]time.Time{}
	for _, e := range timeline {
		times[e.State] = e.At
	}
	return times
}

// between is zero where a state was not passed.
func between(from, to time.Time) time.Duration {
	if from.IsZero() || to.Before(from) {
		return 0
	}
	return to.Sub(from)
}
