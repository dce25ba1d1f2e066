package heygen

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
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

	// Foreign says that the answer is not in HeyGen's form. A gateway or a proxy
	// may have given it, so that it says nothing about what HeyGen did.
	Foreign bool
}

// Codes of a 409. Any other one is a refusal.
const (
	CodeInProgress = "request_in_progress" // a create with this very Idempotency-Key is under way
	CodeNotReady   = "resource_not_ready"  // what the video is made of is not ready yet
)

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
// a 4xx in HeyGen's own form, but for 408 and 425 (it gave up or was not
// ready), 429 (not now) and the 409 that says that another request holds the key.
func (e *Error) Refused() bool {
	switch e.Status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	case http.StatusConflict:
		return !e.Foreign && e.Code != CodeInProgress
	}
	return !e.Foreign && e.Status >= 400 && e.Status < 500
}

// Account reports that HeyGen refused the account and not the request: its key,
// what the key may do, its balance, its plan, a quota. No other video would fare
// better.
func (e *Error) Account() bool {
	switch {
	case e.Foreign:
		return false
	case e.Status == http.StatusUnauthorized, e.Status == http.StatusPaymentRequired:
		return true
	case e.Status == http.StatusForbidden && e.Param == "" && !ofResource.MatchString(e.Code):
		return true
	}
	return e.Status >= 400 && e.Status < 500 && AccountCode(e.Code)
}

// AccountCode reports that a code, of a refusal or of a render that failed, is
// about the account. HeyGen's codes are an open set, in both cases, and the older
// ones are numbers.
func AccountCode(code string) bool { return ofAccount.MatchString(code) }

var (
	ofAccount = regexp.MustCompile(`(?i)insufficient_|quota|trial_|plan_upgrade|tier_not_support|resource_limit_reached|unlimited_mode_disabled|` +
		`payment|billing|subscription|user_blocked|unauthorized|authentication|invalid_credentials|^(?:40009|400112|400599|400631|400664)$`)
	// ofResource are the codes of a 403 that are about what a video is made of.
	ofResource = regexp.MustCompile(`(?i)^(?:voice|avatar|asset|template|resource|ai_vendor|content)_`)
)

// reason is the error object of an answer's body. Its code is a word, or a
// number in the answers that kept the shape of version 1.
type reason struct {
	Code    json.RawMessage `json:"code"`
	Message json.RawMessage `json:"message"`
	Param   json.RawMessage `json:"param"`
}

// errorOf turns an answer into an Error; body may be cut off.
func (c *Client) errorOf(resp *http.Response, body []byte) *Error {
	raw, own := reasonIn(body)
	e := &Error{
		Status:     resp.StatusCode,
		RequestID:  c.clean(resp.Header.Get("X-Request-Id")),
		RetryAfter: retryAfter(resp),
		Foreign:    !own,
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

// words reads an error object. Of one without a message, and of what is no
// object, the whole is the message: what HeyGen said is never lost.
func (c *Client) words(raw []byte) (code, message, param string) {
	code, message, param = words(raw)
	return c.clean(code), c.clean(message), c.clean(param)
}

func words(raw []byte) (code, message, param string) {
	var why reason
	_ = json.Unmarshal(raw, &why)
	code, message, param = word(why.Code), word(why.Message), word(why.Param)
	if message == "" {
		message = word(raw)
	}
	return code, message, param
}

// word returns the value of a JSON string, the visible text of HTML, and anything else
// unchanged.
func word(raw []byte) string {
	var s string
	switch {
	case !present(raw), string(raw) == "{}", string(raw) == "[]":
		return ""
	case json.Unmarshal(raw, &s) == nil:
	case json.Valid(raw):
		var compact bytes.Buffer
		_ = json.Compact(&compact, raw)
		s = compact.String()
	default:
		s = strings.Join(strings.Fields(tags.ReplaceAllString(string(raw), " ")), " ")
	}
	return s
}

var tags = regexp.MustCompile(`(?s)<(?:style|script).*?</(?:style|script)>|<[^>]*>`)

// reasonIn finds the error object in a body: under "error", or the body itself
// if code and message stand on top. own is false if there is none: then the body
// is not HeyGen's, and is the reason as a whole.
func reasonIn(body []byte) (raw []byte, own bool) {
	var envelope struct {
		Error   json.RawMessage `json:"error"`
		Code    json.RawMessage `json:"code"`
		Message json.RawMessage `json:"message"`
	}
	body = bytes.TrimSpace(body)
	if json.Unmarshal(body, &envelope) != nil {
		return body, false
	}
	if present(envelope.Error) {
		return envelope.Error, bytes.HasPrefix(envelope.Error, []byte("{"))
	}
	return body, present(envelope.Code) && present(envelope.Message)
}

func present(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

// clean makes HeyGen's words fit for a row and a log: without the key, should
// HeyGen repeat it, printable (a database refuses NUL, a terminal obeys escapes), and of bounded
// length.
func (c *Client) clean(s string) string {
	const most = 1000
	s = strings.ReplaceAll(s, c.key, "[redacted]")
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), unicode.IsSpace(r):
			return ' '
		case unicode.IsPrint(r), r == unicode.ReplacementChar:
			return r
		}
		return -1
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
