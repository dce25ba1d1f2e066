package client

import (
	"cmp"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"heyq/internal/fault"
	"heyq/wire"
)

// Error is what every method returns if it fails, unless ctx has ended: then the error is
// that of ctx. Find it with errors.AsType or errors.As.
type Error struct {
	Code      wire.Code         // which sort it is, such as wire.NotFound
	Status    int               // the HTTP status of the answer; 0: there was no answer
	Message   string            // what is wrong
	Hint      string            // what to do about it; empty: the message says it
	Fields    []wire.FieldError // the values that are wrong, 100 at most; one of a body as in the body, a parameter as query.page
	RequestID string            // names the request in heyq's log; empty: no heyq answered

	cause error
}

// Error returns the message, every wrong field and the hint, in one line.
func (e *Error) Error() string {
	return (&fault.Error{Message: e.Message, Fields: e.Fields, Hint: e.Hint}).Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.cause }

// failed shows a fault to callers. The fault stays in the chain, for the commands: it
// has its words in a shell.
func failed(f *fault.Error, answer *http.Response, requestID string) *Error {
	e := &Error{Code: f.Code, Message: f.Message, Hint: f.Hint, Fields: f.Fields, RequestID: requestID, cause: f}
	if answer != nil {
		e.Status, e.RequestID = answer.StatusCode, cmp.Or(requestID, answer.Header.Get("X-Request-Id"))
	}
	return e
}

// refused turns an answer to r outside of 2xx into an Error.
func (c *Client) refused(answer *http.Response, r request) error {
	code := wire.CodeOf(answer.StatusCode)
	media, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	var p wire.Problem
	err := json.NewDecoder(io.LimitReader(answer.Body, 16<<20)).Decode(&p)
	if err != nil || media != "application/problem+json" {
		return failed(fault.New(code, "%s answered %s, which is not how a heyq refuses", c.base, answer.Status).
			WithHint("is that a heyq? HEYQ_URL says where to look for one"), answer, "")
	}
	if answer.StatusCode == http.StatusUnauthorized {
		return failed(c.shutOut(), answer, p.RequestID)
	}
	f := fault.New(code, "%s", cmp.Or(p.Detail, p.Title))
	if said, _, known := p.Advice.Words(p.About); known {
		f.Message = strings.TrimSuffix(f.Message, "; "+said)
		_ = f.WithAdvice(r.advice(p.Advice), p.About)
	}
	for _, e := range p.Errors {
		_ = f.WithField(strings.TrimPrefix(e.Location, "body."), e.Value, "%s", e.Message)
	}
	return failed(f, answer, p.RequestID)
}

// advice is what a heyq advises, to who sent r. It may know a key that the caller, who
// gave none, cannot send again.
func (r request) advice(a wire.Advice) wire.Advice {
	if a == fault.RepeatUnderKey && r.madeKey && !keyed(r.encoded) {
		return fault.LookBeforeRepeat
	}
	return a
}

// keyed says whether each video of a body has a key of its own.
func keyed(body []byte) bool {
	type video struct {
		Key string `json:"idempotency_key"`
	}
	var asked struct {
		video
		Videos []video `json:"videos"`
	}
	if err := json.Unmarshal(body, &asked); err != nil {
		return false
	}
	if len(asked.Videos) == 0 {
		return asked.Key != ""
	}
	return !slices.ContainsFunc(asked.Videos, func(v video) bool { return v.Key == "" })
}

// shutOut says how to come by the token that a heyq wants.
func (c *Client) shutOut() *fault.Error {
	f := fault.New(fault.Invalid, "%s wants its operator token", c.base)
	if c.token != "" {
		f = fault.New(fault.Invalid, "%s knows no such key, and has another operator token than the one that it was shown", c.base)
	}
	return f.WithHint("set HEYQ_KEY to a user's key, or HEYQ_OPERATOR_TOKEN (or HEYQ_OPERATOR_TOKEN_FILE), or HEYQ_DIR to that heyq's data folder, which holds operator-token")
}
