package handlers

import (
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
	"heyq/store"
)

// This file is what a step tells of itself: one span in its video's trace, and
// one line at its end. Neither holds a script, a link or a secret.

// work is a step that is under way.
type work struct {
	name string
	at   time.Time
	span trace.Span
}

// Names of steps that the store does not tell from others.
const (
	lookStep    = "look" // a create that must not send
	analyzeStep = "analyze"
	notifyStep  = "notify"
)

// begin starts the work on one video.
func (h *Handlers) begin(ctx context.Context, step store.Step, run *store.Run) (context.Context, work) {
	name := string(step)
	if run.Look {
		name = lookStep
	}
	ctx, span := h.Tracer.Resume(ctx, name, run.Origin.Trace)
	span.Video(run.Video).Step(name, run.Attempt+1).HeyGenID(run.HeyGenID).Request(run.Origin.Request)
	return ctx, work{name, time.Now(), span}
}

// beginAll starts work that is one for several videos.
func (h *Handlers) beginAll(ctx context.Context, step store.Step, runs []store.Run) (context.Context, work) {
	if len(runs) == 1 {
		return h.begin(ctx, step, &runs[0])
	}
	ctx, span := together(h, ctx, string(step), runs, func(r store.Run) string { return r.Origin.Trace })
	return ctx, work{string(step), time.Now(), span}
}

// together starts a span that links to the traces of all that it is about.
func together[V any](h *Handlers, ctx context.Context, name string, list []V, traceOf func(V) string) (context.Context, trace.Span) {
	if !h.Tracer.On() {
		return ctx, trace.Span{}
	}
	parents := make([]string, len(list))
	for i, v := range list {
		parents[i] = traceOf(v)
	}
	ctx, span := h.Tracer.Together(ctx, name, parents)
	return ctx, span.Videos(len(list))
}

// end ends the work on one video, whose end was written as ended says; ok is
// false where somebody else has the row by now.
func (h *Handlers) end(w work, run *store.Run, end *store.End, ended store.Ended, ok bool, err error) {
	if err == nil {
		h.tell(w, run, end, ended, ok)
		w.span.Outcome(cameTo(ended, ok)).HeyGenID(end.HeyGenID).Failed(reason(end))
	}
	w.span.Error(err).End()
}

// endAll ends work that was one for several videos. Of those that go on as they
// were only their number is told.
func (h *Handlers) endAll(w work, runs []store.Run, ends []store.End, outcomes map[uuid.UUID]store.Ended) {
	if len(runs) == 1 {
		ended, ok := outcomes[runs[0].Video]
		h.end(w, &runs[0], &ends[0], ended, ok, nil)
		return
	}
	failed := ""
	for i := range runs {
		ended, ok := outcomes[runs[i].Video]
		if ok && ended.State != runs[i].State {
			h.tell(w, &runs[i], &ends[i], ended, ok)
		} else if ends[i].Cause != nil {
			failed = plain(ends[i].Cause)
		}
	}
	var e *zerolog.Event
	if failed != "" {
		e = h.Log.Info().Str(logkey.Error, failed)
	} else {
		e = h.Log.Debug()
	}
	e.Str(logkey.Step, w.name).Int(logkey.Videos, len(runs)).Dur(logkey.Duration, time.Since(w.at)).Msg("several videos were looked after")
	w.span.Failed(failed).End()
}

// tell writes the line of a step: a warning where the video failed, info where
// the step did, and debug where all went well.
func (h *Handlers) tell(w work, run *store.Run, end *store.End, ended store.Ended, ok bool) {
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
	id := end.HeyGenID
	if id == "" {
		id = run.HeyGenID
	}
	if id != "" {
		e.Str(logkey.HeyGenID, id)
	}
	about(e, run.Video, run.Origin).Str(logkey.Step, w.name).Int(logkey.Attempt, run.Attempt+1).
		Str(logkey.Outcome, cameTo(ended, ok)).Dur(logkey.Duration, time.Since(w.at)).Msg(message)
}

// endDelivery ends a delivery that was written as end says.
func (h *Handlers) endDelivery(w work, d *store.Delivery, end *store.DeliveryEnd, err error) {
	var e *zerolog.Event
	why := ""
	if end.Try != nil && end.Try.Error != "" {
		e, why = h.Log.Info(), end.Try.Error
	} else {
		e = h.Log.Debug()
	}
	if err == nil && e != nil {
		if why != "" {
			e.Str(logkey.Error, why)
		}
		about(e, d.VideoID, d.Origin).Stringer(logkey.Notification, d.ID).Str(logkey.Step, w.name).Int(logkey.Attempt, d.Attempt+1).
			Str(logkey.Outcome, string(end.To)).Dur(logkey.Duration, time.Since(w.at)).Msg("the receiver was told, or is to be told again")
	}
	w.span.Outcome(string(end.To)).Failed(why).Error(err).End()
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
