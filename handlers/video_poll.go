package handlers

import (
	"context"

	"heyq/heygen"
	"heyq/internal/logkey"
	"heyq/jobs"
	"heyq/store"
)

// pollVideos asks HeyGen about up to a hundred renders in one call.
func (h *Handlers) pollVideos(ctx context.Context, task jobs.VideoTask) error {
	return h.together(ctx, store.Poll, jobs.PollQueue, task, h.pollRuns)
}

func (h *Handlers) pollRuns(ctx context.Context, runs []store.Run) []store.End {
	ends := make([]store.End, len(runs))
	statuses, err := h.statuses(ctx, runs)
	for i, run := range runs {
		status, answered := statuses[run.HeyGenID]
		switch {
		case err != nil:
			ends[i] = because(h.pollFailed(ctx, run, err), err)
		case !answered:
			ends[i] = h.stillRendering(run)
		default:
			ends[i] = h.pollEnd(ctx, run, status)
		}
	}
	return ends
}

func (h *Handlers) statuses(ctx context.Context, runs []store.Run) (map[string]heygen.VideoStatus, error) {
	ids := make([]string, len(runs))
	for i, run := range runs {
		ids[i] = run.HeyGenID
	}
	list, err := h.HeyGen.Videos.Statuses(ctx, ids)
	if err != nil {
		return nil, err
	}
	byID := make(map[string]heygen.VideoStatus, len(list))
	for _, status := range list {
		byID[status.ID] = status
	}
	return byID, nil
}

// pollEnd is the outcome of one status. Two words are final; every other one
// means that the render goes on.
func (h *Handlers) pollEnd(ctx context.Context, run store.Run, status heygen.VideoStatus) store.End {
	switch {
	case status.Status == heygen.StatusCompleted:
		h.pace.saw(run.RenderingFor, run.Hinted)
		return store.Rendered(run)
	case status.Status == heygen.StatusFailed:
		f := h.renderFailure(ctx, status)
		end := store.RenderFailed(run, f)
		end.Refusal = brokeRender(f)
		return end
	case status.Status == heygen.StatusNotFound && run.RenderingFor > h.NotFoundAfter:
		return store.RenderFailed(run, store.Failure{Code: "not_found", Message: "HeyGen does not know the video any more", Step: store.Poll})
	case !status.Status.Known():
		about(h.Log.Warn(), run.Video, run.Origin).Str(logkey.Status, string(status.Status)).Msg("HeyGen used an unknown word for a status; taken as still rendering")
	}
	return h.stillRendering(run)
}

func (h *Handlers) stillRendering(run store.Run) store.End {
	switch {
	case run.PastWriteOff:
		about(h.Log.Warn(), run.Video, run.Origin).Msg("slot written off: HeyGen never finished the render")
		return store.WrittenOff(run)
	case run.PastDeadline:
		return store.RenderTimedOut(run, h.pace.nextLook(run))
	default:
		return store.StillRendering(run, h.pace.nextLook(run))
	}
}

// renderFailure keeps HeyGen's code and words. The bulk answer may not have
// them; the video's own answer is asked then, and missed if it does not come.
func (h *Handlers) renderFailure(ctx context.Context, status heygen.VideoStatus) store.Failure {
	code, message := status.Code, status.Message
	if code == "" {
		if v, err := h.HeyGen.Videos.Get(ctx, status.ID); err == nil {
			code, message = v.FailureCode, v.FailureMessage
		}
	}
	if code == "" {
		code, message = "rendering_failed", "HeyGen gave no reason"
	}
	return store.Failure{Code: code, Message: message, Step: store.Poll}
}
