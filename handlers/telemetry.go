package handlers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"heyq/heygen"
	"heyq/internal/logkey"
	"heyq/internal/trace"
	"heyq/jobs"
	"heyq/store"
)

// This file is what a step tells of itself: one span in its video's trace, one line
// at its end, and one count if it is done. None of them holds a script, a link or a
// secret.

// activity is a step that is under way.
type activity struct {
	name  string
	start time.Time
	span  trace.Span
}

// Names of steps that the store does not tell from others.
const (
	searchStep  = "search" // a create that must not send
	analyzeStep = "analyze"
	notifyStep  = "notify"
)

// begin starts what is one outside call for runs.
func (h *Handlers) begin(ctx context.Context, step store.Step, runs []store.Run) (context.Context, activity) {
	if len(runs) > 1 {
		return beginMany(ctx, h, string(step), runs, func(r store.Run) string { return r.Origin.Trace })
	}
	run, name := &runs[0], string(step)
	if run.Search {
		name = searchStep
	}
	ctx, a := h.beginOne(ctx, name, run.Video, run.Attempt, run.Origin)
	a.span.HeyGenID(run.HeyGenID)
	return ctx, a
}

// beginOne starts a step of one video.
func (h *Handlers) beginOne(ctx context.Context, name string, video uuid.UUID, attempt int, from store.Origin) (context.Context, activity) {
	ctx, span := h.Tracer.Resume(ctx, name, from.Trace)
	span.Video(video).Step(name, attempt+1).Request(from.Request)
	return ctx, activity{name, time.Now(), span}
}

// beginMany starts what is one for several videos. Its span links to their traces.
func beginMany[V any](ctx context.Context, h *Handlers, name string, list []V, traceOf func(V) string) (context.Context, activity) {
	a := activity{name: name, start: time.Now()}
	if h.Tracer.On() {
		parents := make([]string, len(list))
		for i, v := range list {
			parents[i] = traceOf(v)
		}
		ctx, a.span = h.Tracer.Together(ctx, name, parents)
		a.span.Videos(len(list))
	}
	return ctx, a
}

// end tells what came of runs, of which outcomes has those that were written: the others
// belong to another run by now. Of several that go on as they were only the number is told.
func (h *Handlers) end(a activity, runs []store.Run, ends []store.End, outcomes map[uuid.UUID]store.Ended) {
	if len(runs) == 1 {
		ended, ok := outcomes[runs[0].Video]
		h.tell(a, &runs[0], &ends[0], ended, ok)
		a.span.Outcome(cameTo(ended, ok)).HeyGenID(ends[0].HeyGenID).Failed(reason(&ends[0])).End()
		return
	}
	failed := ""
	for i := range runs {
		ended, ok := outcomes[runs[i].Video]
		if ok && ended.State != runs[i].State {
			h.tell(a, &runs[i], &ends[i], ended, ok)
		} else if ends[i].Cause != nil {
			failed = plain(ends[i].Cause)
		}
	}
	e := h.line(failed)
	e.Str(logkey.Step, a.name).Int(logkey.Videos, len(runs)).Dur(logkey.Duration, time.Since(a.start)).Msg("several videos were looked after")
	a.span.Failed(failed).End()
}

// line begins a line: info if it says why something failed, and debug otherwise.
func (h *Handlers) line(why string) *zerolog.Event {
	if why == "" {
		return h.Log.Debug()
	}
	return h.Log.Info().Str(logkey.Error, why)
}

// tell writes the line of a step: a warning if the video failed, info if the step
// did, and debug if all went well.
func (h *Handlers) tell(a activity, run *store.Run, end *store.End, ended store.Ended, ok bool) {
	var e *zerolog.Event
	message := "the step is done"
	switch {
	case ok && ended.State == store.Failed && run.State != store.Failed:
		e, message = h.Log.Warn(), "the video failed"
	case ok && end.Cause != nil && !errors.Is(end.Cause, context.Canceled): // that is a shutdown
		e, message = h.Log.Info(), "the step failed, and is tried again"
	default:
		e = h.Log.Debug()
	}
	if e == nil {
		return
	}
	if why := reason(end); why != "" {
		e.Str(logkey.Error, why)
	}
	if id := cmp.Or(end.HeyGenID, run.HeyGenID); id != "" {
		e.Str(logkey.HeyGenID, id)
	}
	a.finish(about(e, run.Video, run.Origin), run.Attempt, cameTo(ended, ok), message)
}

// endDelivery tells what came of a delivery.
func (h *Handlers) endDelivery(a activity, d *store.Delivery, end *store.DeliveryEnd, err error) {
	why := ""
	if end.Try != nil {
		why = end.Try.Error
	}
	if err == nil {
		e := about(h.line(why), d.VideoID, d.Origin)
		a.finish(e.Stringer(logkey.Notification, d.ID), d.Attempt, string(end.To), "the receiver was told, or is to be told again")
		if end.To != store.NotificationPending {
			h.Count(jobs.NotifyQueue, 1)
		}
	}
	a.span.Outcome(string(end.To)).Failed(why).Error(err).End()
}

// finish writes a line with what all lines of a step have.
func (a activity) finish(e *zerolog.Event, attempt int, outcome, message string) {
	e.Str(logkey.Step, a.name).Int(logkey.Attempt, attempt+1).
		Str(logkey.Outcome, outcome).Dur(logkey.Duration, time.Since(a.start)).Msg(message)
}

// countStep counts a video that has left its step, or has given its slot back.
// One that stays (it is polled again, or tried again) is not finished.
func (h *Handlers) countStep(end store.End, ended store.Ended) {
	if ended.State == end.State && !end.FreeSlot {
		return
	}
	switch end.State {
	case store.Submitting:
		h.Count(jobs.CreateQueue, 1)
	case store.Downloading:
		h.Count(jobs.DownloadQueue, 1)
	default:
		h.Count(jobs.PollQueue, 1)
	}
}

// about names a video in a line, and what else is found by its request and its
// trace.
func about(e *zerolog.Event, video uuid.UUID, from store.Origin) *zerolog.Event {
	if e == nil {
		return nil
	}
	e.Stringer(logkey.Video, video)
	if from.Request != "" {
		e.Str(logkey.Request, from.Request)
	}
	if id := trace.IDOf(from.Trace); id != "" {
		e.Str(logkey.Trace, id)
	}
	return e
}

func cameTo(ended store.Ended, ok bool) string {
	if !ok {
		return "superseded"
	}
	return string(ended.State)
}

// because notes why a step failed, for its line; the row needs no reason to try
// it again.
func because(end store.End, err error) store.End {
	end.Cause = err
	return end
}

// reason is why a step failed, or its video did; empty: neither did.
func reason(end *store.End) string {
	switch {
	case end.Cause != nil:
		return plain(end.Cause)
	case end.Failure != nil:
		return end.Failure.Code // the message may be HeyGen's; see plain
	}
	return ""
}

// plain is an error for the log. HeyGen's words may quote the script and a link
// may be a secret, so it has neither: who may see the video finds them there.
func plain(err error) string {
	if err == nil {
		return ""
	}
	if answer, ok := errors.AsType[*heygen.Error](err); ok {
		text := fmt.Sprintf("HeyGen answered %d %s", answer.Status, answer.Code)
		if answer.Param != "" {
			text += " (param " + answer.Param + ")"
		}
		if answer.RequestID != "" {
			text += " (request " + answer.RequestID + ")"
		}
		return text
	}
	if errors.Is(err, errRenderDead) {
		return errRenderDead.Error()
	}
	if sent, ok := errors.AsType[*url.Error](err); ok {
		return sent.Op + ": " + sent.Err.Error()
	}
	return err.Error()
}
