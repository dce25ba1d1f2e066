package trace

import (
	"github.com/google/uuid"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	oteltrace "go.opentelemetry.io/otel/trace"
)

// The attributes of spans. None holds a script, a link or a secret.
const (
	videoKey     = "heyq.video"
	videosKey    = "heyq.videos" // how many, if it is not one
	userKey      = "heyq.user"
	stepKey      = "heyq.step"
	attemptKey   = "heyq.attempt" // from 1
	outcomeKey   = "heyq.outcome"
	heygenIDKey  = "heyq.heygen_id"
	requestIDKey = "heyq.request_id"
)

// Span is a piece of work. The zero Span records nothing. Its methods set an
// attribute each, and return it.
type Span struct{ span oteltrace.Span }

// Recording reports whether the span will be sent.
func (s Span) Recording() bool { return s.span != nil && s.span.IsRecording() }

// Video names the video that the work is about.
func (s Span) Video(id uuid.UUID) Span {
	if s.Recording() {
		s.span.SetAttributes(attribute.String(videoKey, id.String()))
	}
	return s
}

// Videos says how many videos the work is about.
func (s Span) Videos(n int) Span { return s.number(videosKey, n) }

// User names who the video belongs to.
func (s Span) User(id string) Span { return s.text(userKey, id) }

// Step names the step of the video, and counts its attempts from 1.
func (s Span) Step(name string, attempt int) Span {
	return s.text(stepKey, name).number(attemptKey, attempt)
}

// HeyGenID names the render at HeyGen.
func (s Span) HeyGenID(id string) Span { return s.text(heygenIDKey, id) }

// Request names the HTTP request.
func (s Span) Request(id string) Span { return s.text(requestIDKey, id) }

// Outcome says what came of it.
func (s Span) Outcome(what string) Span { return s.text(outcomeKey, what) }

// Name renames the span.
func (s Span) Name(name string) Span {
	if s.Recording() {
		s.span.SetName(name)
	}
	return s
}

// HTTP says what was asked and answered, after OpenTelemetry's conventions.
func (s Span) HTTP(method, route string, status int) Span {
	s.text("http.request.method", method).text("http.route", route)
	if status > 0 {
		s.number("http.response.status_code", status)
	}
	return s
}

// Failed says that the work failed, and why; an empty reason: it did not.
func (s Span) Failed(reason string) Span {
	if reason != "" && s.Recording() {
		s.span.AddEvent("exception", oteltrace.WithAttributes(attribute.String("exception.message", reason)))
		s.span.SetStatus(codes.Error, reason)
	}
	return s
}

// Error is Failed with the text of err. If err is nil, the work did not fail.
// If the text may quote what strangers sent, use Failed instead.
func (s Span) Error(err error) Span {
	if err == nil {
		return s
	}
	return s.Failed(err.Error())
}

// End ends the span.
func (s Span) End() {
	if s.span != nil {
		s.span.End()
	}
}

func (s Span) text(key, value string) Span {
	if value != "" && s.Recording() {
		s.span.SetAttributes(attribute.String(key, value))
	}
	return s
}

func (s Span) number(key string, value int) Span {
	if s.Recording() {
		s.span.SetAttributes(attribute.Int(key, value))
	}
	return s
}
