package handlers

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"heyq/internal/logkey"
	"heyq/jobs"
	"heyq/store"
)

// analyzeWait is the wait before a failed analysis is tried again.
const analyzeWait = time.Minute

// analyzeVideos measures up to a hundred completed videos. It writes an upsert
// and so needs no fence: measuring twice gives the same.
func (h *Handlers) analyzeVideos(ctx context.Context, task jobs.VideoTask) (err error) {
	limit := h.limits[jobs.AnalyticsQueue]
	if !h.acquire(ctx, limit) {
		return nil
	}
	defer limit.Leave()
	ctx, stop := h.within(ctx, jobs.AnalyticsQueue)
	defer stop()
	ids := task.Rows()
	videos, err := h.Store.VideosByID(ctx, store.Everyone(), ids)
	if err != nil {
		return err
	}
	ctx, a := beginMany(ctx, h, analyzeStep, videos, func(v store.Video) string { return v.Origin.Trace })
	defer func() { a.span.Error(err).End() }()
	list := make([]store.Analysis, 0, len(videos))
	for _, v := range videos {
		if analysis, ok := h.analyze(v); ok {
			list = append(list, analysis)
		}
	}
	saved, err := h.saveAnalyses(ctx, list)
	if err != nil {
		return err
	}
	h.Count(jobs.AnalyticsQueue, saved)
	h.Log.Debug().Str(logkey.Step, analyzeStep).Int(logkey.Videos, len(list)).Dur(logkey.Duration, time.Since(a.start)).Msg("videos were measured")
	return nil
}

// saveAnalyses writes what was measured, and says of how many. If it cannot be
// written as a whole, each is tried alone: one that is wrong fails by itself.
func (h *Handlers) saveAnalyses(ctx context.Context, list []store.Analysis) (saved int, err error) {
	err = h.Store.SaveAnalyses(ctx, list)
	if err == nil {
		return len(list), nil
	}
	if !ofOne(err) {
		return 0, err
	}
	if len(list) > 1 {
		for i := range list {
			n, err := h.saveAnalyses(ctx, list[i:i+1])
			if err != nil {
				return saved, err
			}
			saved += n
		}
		return saved, nil
	}
	about(h.Log.Warn().Err(err), list[0].VideoID, store.Origin{}).Str(logkey.Step, analyzeStep).Msg("a video could not be measured")
	return 0, h.Store.FailAnalyses(ctx, []uuid.UUID{list[0].VideoID}, analyzeWait, h.bounds(jobs.AnalyticsQueue).Attempts)
}

// analyze measures one video; ok is false if it has no file.
func (h *Handlers) analyze(v store.Video) (analysis store.Analysis, ok bool) {
	if v.File == nil {
		return store.Analysis{}, false
	}
	template := ""
	if render, err := jobs.ReadRender(v.Request); err == nil {
		template = render.TemplateID
	}
	timeline := lastSubmission(v.Timeline)
	sent := lastTime(timeline, store.Submitting)
	accepted := firstTime(timeline, store.Rendering)
	rendered := firstTime(timeline, store.Downloading)
	return store.Analysis{
		VideoID: v.ID, UserID: v.UserID, Template: template,
		QueueTime:    between(waitingSince(v, timeline), sent),
		SubmitTime:   between(sent, accepted),
		RenderTime:   between(accepted, rendered),
		DownloadTime: lasted(timeline, store.Downloading),
		File:         *v.File,
		Price:        v.File.Billed().Seconds() * h.PricePerSecond,
		CompletedAt:  v.CompletedAt,
	}, true
}

// lastSubmission is the part of a timeline that the finished render belongs to.
// It begins when a retry that pays again put the video back into the line.
func lastSubmission(timeline []store.Event) []store.Event {
	for i := len(timeline) - 1; i > 0; i-- {
		if timeline[i].State == store.Queued && timeline[i-1].State.Final() {
			return timeline[i:]
		}
	}
	return timeline
}

// waitingSince is when the video could have been sent, had there been a slot.
func waitingSince(v store.Video, timeline []store.Event) time.Time {
	since := firstTime(timeline, store.Queued)
	if v.NotBefore.After(since) {
		return v.NotBefore
	}
	return since
}

// firstTime is when the timeline first enters a state. A retry that resumes a
// render passes some states again; HeyGen accepted it when it first did.
func firstTime(timeline []store.Event, state store.State) time.Time {
	for _, e := range timeline {
		if e.State == state {
			return e.At
		}
	}
	return time.Time{}
}

// lastTime is when the timeline last enters a state.
func lastTime(timeline []store.Event, state store.State) time.Time {
	for _, e := range slices.Backward(timeline) {
		if e.State == state {
			return e.At
		}
	}
	return time.Time{}
}

// lasted is how long the timeline was last in a state that it has left. A person
// who reviews a film for days did not download it for days.
func lasted(timeline []store.Event, state store.State) time.Duration {
	for i := len(timeline) - 2; i >= 0; i-- {
		if timeline[i].State == state {
			return between(timeline[i].At, timeline[i+1].At)
		}
	}
	return 0
}

// between is zero if a state was not passed.
func between(from, to time.Time) time.Duration {
	if from.IsZero() || to.Before(from) {
		return 0
	}
	return to.Sub(from)
}
