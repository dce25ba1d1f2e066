package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"heyq/internal/check"
	"heyq/internal/fault"
	"heyq/store"
	"heyq/wire"
)

// huma makes its own problems, those of parameters, by functions that are one
// for all APIs of a process.
func init() {
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		p := newProblem(status, message, "")
		for _, err := range errs {
			if d, ok := errors.AsType[*huma.ErrorDetail](err); ok {
				p.Errors = append(p.Errors, wire.ProblemField(*d))
			} else if err != nil {
				p.Errors = append(p.Errors, wire.ProblemField{Message: err.Error()})
			}
		}
		return p
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, message string, errs ...error) huma.StatusError {
		err := huma.NewError(status, message, errs...)
		if p, ok := err.(*wire.Problem); ok {
			tie(p, visitOf(ctx.Context()))
		}
		return err
	}
}

// retryAfter is how many seconds a client should wait when heyq lacks
// something that it needs.
const retryAfter = "5"

// problem turns an error into what the client may see of it: message, hint and
// fields of the first fault in its chain, and nothing of the causes. Those of a
// 5xx go to the log line of the request.
func problem(ctx context.Context, err error) error {
	if over, ok := errors.AsType[overLimit](err); ok {
		p := newProblem(http.StatusTooManyRequests, over.Error(), over.hint())
		tie(p, visitOf(ctx))
		return p
	}
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		f = fault.New(fault.Internal, "heyq failed to answer").
			WithHint("its log names the cause beside request id %s", visitOf(ctx).id)
	}
	p := newProblem(wire.StatusOf(f.Code), f.Message, f.Hint)
	tie(p, visitOf(ctx))
	p.Advice, p.About = f.Advice, f.About
	for _, field := range f.Fields {
		p.Errors = append(p.Errors, wire.ProblemField{
			Message: field.Message, Location: location(field.Name), Value: field.Value,
		})
	}
	if f.More > 0 {
		p.Detail += fmt.Sprintf("; %d more errors are not told here", f.More)
	}
	if p.Status >= http.StatusInternalServerError {
		visitOf(ctx).cause = err
	}
	if p.Status == http.StatusServiceUnavailable {
		return huma.ErrorWithHeaders(p, http.Header{"Retry-After": {retryAfter}})
	}
	return p
}

// newProblem returns a problem whose detail says what is wrong and, behind a
// semicolon, what to do.
func newProblem(status int, message, hint string) *wire.Problem {
	if hint != "" {
		message += "; " + hint
	}
	return &wire.Problem{Status: status, Title: http.StatusText(status), Detail: message}
}

// tie names the request that the problem answers.
func tie(p *wire.Problem, v *visit) { p.RequestID, p.TraceID = v.id, v.trace }

// visitIn returns the visit of the request that w answers, as visitOf does.
func visitIn(w http.ResponseWriter) *visit {
	for {
		switch out := w.(type) {
		case *statusWriter:
			return out.visit
		case interface{ Unwrap() http.ResponseWriter }:
			w = out.Unwrap()
		default:
			return &visit{}
		}
	}
}

// writeProblem answers outside of any operation.
func writeProblem(w http.ResponseWriter, p *wire.Problem) {
	tie(p, visitIn(w))
	w.Header().Set("Content-Type", p.ContentType("application/json"))
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client may be gone
}

// inQueryOf begins the name of a field that is a parameter.
const inQueryOf = "query."

// location says in which part of the request a field is.
func location(field string) string {
	switch {
	case field == "body":
		return field
	case field == idempotencyKey || field == lastEventID:
		return "header." + field
	case strings.HasPrefix(field, inQueryOf):
		return field
	default:
		return strings.TrimSuffix("body."+field, ".") // the name is empty if a whole item is wrong
	}
}

// notValid is huma's word for parameters that it refuses.
const notValid = "validation failed"

// reword gives huma's own problems, those of parameters, the words of all others.
func reword(_ huma.Context, _ string, answer any) (any, error) {
	p, ok := answer.(*wire.Problem)
	if !ok || p.Detail != notValid {
		return answer, nil
	}
	p.Detail = "the request is not valid"
	for i := range p.Errors {
		p.Errors[i].Message = inWords(p.Errors[i].Message)
	}
	return p, nil
}

// inWords says what huma found wrong, and what to give instead.
func inWords(message string) string {
	if better, ok := words[message]; ok {
		return better
	}
	return message
}

var words = map[string]string{
	validation.MsgExpectedString:                "is no string; give one in quotes",
	validation.MsgExpectedInteger:               "is no whole number; give one without quotes",
	validation.MsgExpectedNumber:                "is no number; give one without quotes",
	validation.MsgExpectedBoolean:               "is neither true nor false; give one of them without quotes",
	validation.MsgExpectedObject:                "is no object; give one in braces",
	validation.MsgExpectedArray:                 "is no list; give one in brackets",
	validation.MsgExpectedMatchExactlyOneSchema: "is neither a whole number nor " + check.Or(wire.PriorityWords), // which only a priority may be
	validation.MsgExpectedRFC3339DateTime:       "is no date; give one by RFC 3339, such as 2030-12-31T23:59:00Z",
	"invalid integer":                           "is no whole number; give one",
	"invalid boolean":                           "is neither true nor false; give one of them",
	"unknown query parameter":                   "is no parameter of this call; remove it or correct its name",
}

// problemExamples has one for every status that is documented as an error.
func problemExamples() []*wire.Problem {
	of := func(err error) *wire.Problem {
		f, _ := errors.AsType[*fault.Error](err)
		return newProblem(wire.StatusOf(f.Code), f.Message, f.Hint)
	}
	invalid := newProblem(http.StatusUnprocessableEntity, notReadable, "")
	invalid.Errors = []wire.ProblemField{{Message: "is missing; script needs it", Location: "body.avatar_id", Value: ""}}
	return []*wire.Problem{
		newProblem(http.StatusBadRequest, "the body is no JSON: unexpected end of JSON input at byte 12", "send one JSON object, in UTF-8"),
		of(store.ErrNotFound(exampleID)),
		of(store.ErrNotEnded(exampleID, store.Rendering)),
		of(filesRemoved(exampleID, exampleAt)),
		of(tooLarge(maxBody)),
		overLimitExample(),
		invalid,
		newProblem(http.StatusInternalServerError, "heyq failed to answer", "its log names the cause beside request id 4711"),
		newProblem(http.StatusServiceUnavailable, "the database did not answer", "nothing is lost; try again in a moment"),
	}
}
