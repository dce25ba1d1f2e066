package simulator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"strconv"
)

// A handler answers one API call.
type handler func(*http.Request) answer

// answer is a whole answer. It is kept as bytes because a replay under an
// Idempotency-Key must be the first answer exactly.
type answer struct {
	Status     int             `json:"status"`
	Body       json.RawMessage `json:"body"`
	RetryAfter int             `json:"-"` // seconds; 0: no header
	Kind       string          `json:"-"` // MIME type; empty: JSON

	first func()                                           // happens before it is given; nil: nothing does
	spoil func(http.ResponseWriter, *http.Request, answer) // sends it otherwise; nil: as it is
}

// problem is a refusal in HeyGen's words.
type problem struct {
	status     int
	code       string
	message    string
	param      string // path of the field in the body, or the name in the query
	retryAfter int    // seconds
}

// success wraps one object in HeyGen's envelope.
func success(data any) answer {
	return answer{Status: http.StatusOK, Body: encode(struct {
		Data any `json:"data"`
	}{data})}
}

// list wraps one page of a list; the cursor stands beside the data.
func list[T any](items []T, nextToken string) answer {
	body := struct {
		Data      []T     `json:"data"`
		HasMore   bool    `json:"has_more"`
		NextToken *string `json:"next_token"`
	}{Data: items}
	if items == nil {
		body.Data = []T{}
	}
	if nextToken != "" {
		body.HasMore, body.NextToken = true, &nextToken
	}
	return answer{Status: http.StatusOK, Body: encode(body)}
}

// answer words the problem as HeyGen's live API does: what is null is left out.
func (p *problem) answer() answer {
	type detail struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Param   string `json:"param,omitempty"`
		DocURL  string `json:"doc_url"`
	}
	body := encode(struct {
		Error detail `json:"error"`
	}{detail{p.code, p.message, p.param, "https://developers.heygen.com/docs/error-codes#" + p.code}})
	return answer{Status: p.status, Body: body, RetryAfter: p.retryAfter}
}

// invalid is the refusal of one field.
func invalid(param, message string) *problem {
	return &problem{status: http.StatusBadRequest, code: "invalid_parameter", message: message, param: param}
}

// notFound is the refusal of an id. The code names what was looked for, such as
// video_not_found.
func notFound(code, message string) *problem {
	return &problem{status: http.StatusNotFound, code: code, message: message}
}

func internalError() *problem {
	return &problem{status: http.StatusInternalServerError, code: "internal_error", message: "An internal error occurred."}
}

func unknownEndpoint(*http.Request) answer {
	return notFound("not_found", "The requested resource was not found.").answer()
}

func (a answer) send(w http.ResponseWriter, r *http.Request) {
	if a.spoil != nil {
		a.spoil(w, r, a)
		return
	}
	a.writeHead(w)
	_, _ = w.Write(a.Body) // the client may be gone; what was accepted stays accepted
}

func (a answer) writeHead(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", cmp.Or(a.Kind, "application/json"))
	h.Set("Content-Length", strconv.Itoa(len(a.Body)))
	if a.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(a.RetryAfter))
	}
	w.WriteHeader(a.Status)
}

// encode marshals values of this package, all of which can be marshalled. Links
// keep their plain "&", so that they can be copied out of an answer.
func encode(v any) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}
