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

	"heyq/internal/fault"
)

// statuses is the one table from fault code to HTTP status.
var statuses = map[fault.Code]int{
	fault.Malformed:   http.StatusBadRequest,
	fault.Invalid:     http.StatusUnprocessableEntity,
	fault.TooLarge:    http.StatusRequestEntityTooLarge,
	fault.NotFound:    http.StatusNotFound,
	fault.Gone:        http.StatusGone,
	fault.Conflict:    http.StatusConflict,
	fault.Unavailable: http.StatusServiceUnavailable,
	fault.Internal:    http.StatusInternalServerError,
}

// retryAfter is how many seconds a client should wait when heyq lacks
// something that it needs.
const retryAfter = "5"

// problem turns an error into what the client may see of it: message, hint and
// fields of the first fault in its chain, and nothing of the causes. Those of a
// 5xx go to the log line of the request.
func problem(ctx context.Context, err error) error {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		f = fault.New(fault.Internal, "heyq failed to answer").
			WithHint("its log names the cause beside request id %s", visitOf(ctx).id)
	}
	p := newProblem(statuses[f.Code], f.Message, f.Hint)
	p.belongTo(visitOf(ctx))
	p.Advice, p.About = f.Advice, f.About
	for _, field := range f.Fields {
		p.Errors = append(p.Errors, &huma.ErrorDetail{
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
func newProblem(status int, message, hint string) *Problem {
	if hint != "" {
		message += "; " + hint
	}
	return &Problem{ErrorModel: huma.ErrorModel{Status: status, Title: http.StatusText(status), Detail: message}}
}

// writeProblem answers outside of any operation.
func writeProblem(w http.ResponseWriter, p *Problem) {
	p.belongTo(visitIn(w))
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
	case field == idempotencyKey:
		return "header." + field
	case strings.HasPrefix(field, inQueryOf):
		return field
	default:
		return strings.TrimSuffix("body."+field, ".") // the name is empty where a whole item is wrong
	}
}

// notValid is huma's word for parameters that it refuses.
const notValid = "validation failed"

// reword gives huma's own problems, those of parameters, the words of all others.
func reword(_ huma.Context, _ string, answer any) (any, error) {
	p, ok := answer.(*Problem)
	if !ok || p.Detail != notValid {
		return answer, nil
	}
	p.Detail = "the request is not valid"
	for _, e := range p.Errors {
		e.Message = inWords(e.Message)
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
	validation.MsgExpectedString:          "is no string; give one in quotes",
	validation.MsgExpectedInteger:         "is no whole number; give one without quotes",
	validation.MsgExpectedNumber:          "is no number; give one without quotes",
	validation.MsgExpectedBoolean:         "is neither true nor false; give one of them without quotes",
	validation.MsgExpectedObject:          "is no object; give one in braces",
	validation.MsgExpectedArray:           "is no list; give one in brackets",
	validation.MsgExpectedRFC3339DateTime: "is no date; give one by RFC 3339, such as 2030-12-31T23:59:00Z",
	"invalid integer":                     "is no whole number; give one",
	"invalid boolean":                     "is neither true nor false; give one of them",
	"unknown query parameter":             "is no parameter of this call; remove it or correct its name",
}
