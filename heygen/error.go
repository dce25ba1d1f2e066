package heygen

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"
)

// ErrUnreadable says that an answer came and cannot be used: not JSON, cut off,
// too long, or without what it must hold.
var ErrUnreadable = errors.New("unreadable answer")

// Error is an answer of HeyGen's that is not a good one.
type Error struct {
	Status     int           // the HTTP status; 200 for an error inside a good answer
	Code       string        // HeyGen's word, or one derived from the status
	Message    string        // HeyGen's words, printable and at most 1,000 bytes
	Param      string        // the request's field that is to blame, or empty
	RequestID  string        // X-Request-Id, or empty
	RetryAfter time.Duration // how long to wait: never 0 on a 429, 0 elsewhere unless asked for
}

// Error returns status, code and message in one line.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "heygen answered %d %s: %s", e.Status, e.Code, e.Message)
	if e.Param != "" {
		fmt.Fprintf(&b, " (param %s)", e.Param)
	}
	if e.RequestID != "" {
		fmt.Fprintf(&b, " (request %s)", e.RequestID)
	}
	return b.String()
}

// Refused reports that HeyGen turned the call down at its door and did nothing:
// a 4xx, but for 408 and 425 (it gave up or was not ready to look), 409 (another
// one holds the key) and 429 (not now).
func (e *Error) Refused() bool {
	switch e.Status {
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	}
	return e.Status >= 400 && e.Status < 500
}

// reason is the error object of an answer's body. Its code is a word, or a
// number in the answers that kept the shape of version 1.
type reason struct {
	Code    json.RawMessage `json:"code"`
	Message string          `json:"message"`
	Param   string          `json:"param"`
}

// errorOf turns an answer into an Error. raw is the error object, empty where
// the body held none.
func (c *Client) errorOf(resp *http.Response, raw json.RawMessage) *Error {
	e := &Error{
		Status:     resp.StatusCode,
		RequestID:  c.clean(resp.Header.Get("X-Request-Id")),
		RetryAfter: retryAfter(resp),
	}
	e.Code, e.Message, e.Param = c.words(raw)
	if e.Code == "" {
		e.Code = codeOfStatus(resp.StatusCode)
	}
	if e.Message == "" {
		e.Message = "no reason was given"
	}
	return e
}

// words reads an error object, or an error that is but a string.
func (c *Client) words(raw json.RawMessage) (code, message, param string) {
	var why reason
	if err := json.Unmarshal(raw, &why); err != nil {
		_ = json.Unmarshal(raw, &why.Message)
	}
	code = strings.Trim(string(why.Code), `"`)
	if !present(why.Code) {
		code = ""
	}
	return c.clean(code), c.clean(why.Message), c.clean(why.Param)
}

// reasonIn finds the error object in a body: under "error", or the body itself
// where code and message stand on top.
func reasonIn(body []byte) json.RawMessage {
	var envelope struct {
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal(body, &envelope) == nil && present(envelope.Error) {
		return envelope.Error
	}
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {
		return body
	}
	return nil
}

func present(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

// clean makes HeyGen's words fit for a row and a log: without the key, should
// HeyGen repeat it, without control characters (a database refuses NUL), and of
// bounded length.
func (c *Client) clean(s string) string {
	const most = 1000
	s = strings.ReplaceAll(s, c.key, "[redacted]")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "")
	}
	return strings.TrimSpace(s)
}

// codeOfStatus names an answer that does not name itself, as gateways' often do not.
func codeOfStatus(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "invalid_parameter"
	case http.StatusUnauthorized:
		return "unauthorized"
	case http.StatusPaymentRequired:
		return "insufficient_credit"
	case http.StatusForbidden:
		return "forbidden"
	case http.StatusNotFound:
		return "not_found"
	case http.StatusConflict:
		return "conflict"
	case http.StatusRequestEntityTooLarge:
		return "payload_too_large"
	case http.StatusTooManyRequests:
		return "rate_limit_exceeded"
	case http.StatusInternalServerError:
		return "internal_error"
	case http.StatusGatewayTimeout:
		return "gateway_timeout"
	}
	if text := http.StatusText(status); text != "" {
		return strings.ReplaceAll(strings.ToLower(text), " ", "_")
	}
	return fmt.Sprintf("http_%d", status)
}
