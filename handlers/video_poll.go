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
	return h.runVideos(ctx, task, recipe{step: store.Poll, queue: jobs.PollQueue, batch: h.pollRuns})
}

// pollRuns asks about all of them at once, and then about each one by itself of
// which that answer said nothing that a render may be ended for.
func (h *Handlers) pollRuns(ctx context.Context, runs []store.Run) []store.End {
	inTime, stop := h.within(ctx, jobs.PollQueue)
	defer stop()
	statuses, err := h.statuses(inTime, runs)
	if err != nil {
		err = h.tooLong(inTime, jobs.PollQueue, err)
		return endsOf(runs, func(run store.Run) store.End { return because(h.pollFailed(ctx, run, err), err) })
	}
	own := h.askEach(inTime, runs, statuses)
	ends := endsOf(runs, func(run store.Run) store.End {
		said, answered := own[run.Video]
		if !answered {
			said = wordOf(statuses[run.HeyGenID])
		}
		return h.pollEnd(run, said)
	})
	if err := h.account.move(ctx, h.Store); err != nil {
		h.Log.Warn().Err(err).Msg("admission could not be opened or closed; the next poll tries again")
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

// pollEnd is the outcome of what HeyGen said of one render.
func (h *Handlers) pollEnd(run store.Run, said word) store.End {
	switch {
	case said.status == heygen.StatusCompleted:
		h.account.knows()
		if run.Doubts == 0 { // else it is not known when it was completed
			h.polls.completed(run.RenderingFor, run.Hinted)
		}
		return store.Rendered(run)
	case said.status.Dead() && said.own:
		h.account.knows()
		f := said.failure()
		end := store.RenderFailed(run, f)
		end.Refusal = brokeRender(f)
		return end
	case said.status == heygen.StatusNotFound && said.own:
		return h.unknownRender(run, said)
	case !said.status.Known() && said.own:
		about(h.Log.Warn(), run.Video, run.Origin).Str(logkey.Status, string(said.status)).Msg("HeyGen used an unknown word for a status; taken as still rendering")
		return h.goesOn(run, store.InDoubt(run, h.polls.inDoubt(run), run.DoubtedFor >= strangeFor))
	case said.status.Known() && !said.status.Dead() && said.status != heygen.StatusNotFound:
		h.account.knows()
		return h.goesOn(run, store.StillRendering(run, h.polls.next(run)))
	default: // the render itself could not be asked about
		return h.goesOn(run, store.Unanswered(run, h.polls.next(run)))
	}
}

// goesOn is end, which keeps a render as it is, unless its time is up.
func (h *Handlers) goesOn(run store.Run, end store.End) store.End {
	switch {
	case run.PastWriteOff:
		if run.Slot {
			about(h.Log.Warn(), run.Video, run.Origin).Msg("slot written off: HeyGen never finished the render")
		}
		return store.WrittenOff(run)
	case run.PastDeadline:
		return store.TimedOut(run, end)
	default:
		return end
	}
}
