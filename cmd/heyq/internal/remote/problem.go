package remote

import (
	"cmp"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strings"

	"heyq/internal/fault"
)

// codes is the status table of the API, read backwards. The gateway statuses
// are those of something that stands between here and a heyq.
var codes = map[int]fault.Code{
	http.StatusBadRequest:            fault.Malformed,
	http.StatusUnauthorized:          fault.Invalid,
	http.StatusNotFound:              fault.NotFound,
	http.StatusGone:                  fault.Gone,
	http.StatusConflict:              fault.Conflict,
	http.StatusRequestEntityTooLarge: fault.TooLarge,
	http.StatusUnprocessableEntity:   fault.Invalid,
	http.StatusTooManyRequests:       fault.Unavailable,
	http.StatusBadGateway:            fault.Unavailable,
	http.StatusServiceUnavailable:    fault.Unavailable,
	http.StatusGatewayTimeout:        fault.Unavailable,
}

// problem is a refusal as problem+json (RFC 9457).
type problem struct {
	Title  string       `json:"title"`
	Detail string       `json:"detail"` // what is wrong; what to do
	Advice fault.Advice `json:"advice"`
	About  string       `json:"advice_about"`
	Errors []struct {
		Location string `json:"location"` // such as body.videos[3].script
		Message  string `json:"message"`
		Value    any    `json:"value"`
	} `json:"errors"`
}

// refused turns an answer outside of 2xx back into a fault.
func (c *Client) refused(answer *http.Response) error {
	code, ok := codes[answer.StatusCode]
	if !ok {
		code = fault.Internal
	}
	media, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	var p problem
	err := json.NewDecoder(io.LimitReader(answer.Body, 16<<20)).Decode(&p)
	if err != nil || media != "application/problem+json" {
		return fault.New(code, "%s answered %s, which is not how a heyq refuses", c.base, answer.Status).
			WithHint("is that a heyq? HEYQ_URL says where to look for one")
	}
	if answer.StatusCode == http.StatusUnauthorized {
		return c.shutOut()
	}
	f := fault.New(code, "%s", cmp.Or(p.Detail, p.Title))
	if said, _, known := p.Advice.Words(p.About); known {
		f.Message = strings.TrimSuffix(f.Message, "; "+said)
		_ = f.WithAdvice(p.Advice, p.About)
	}
	for _, e := range p.Errors {
		_ = f.WithField(fieldAt(e.Location), e.Value, "%s", e.Message)
	}
	return f
}

// fieldAt is the field of a body, or the flag that became a parameter.
func fieldAt(location string) string {
	if field, ok := strings.CutPrefix(location, "body."); ok {
		return field
	}
	for _, part := range []string{"query.", "header."} {
		if name, ok := strings.CutPrefix(location, part); ok {
			return "--" + strings.ReplaceAll(strings.ToLower(name), "_", "-")
		}
	}
	return location
}

// shutOut says how to come by the token that a heyq wants.
func (c *Client) shutOut() error {
	f := fault.New(fault.Invalid, "%s wants its operator token", c.base)
	if c.token != "" {
		f = fault.New(fault.Invalid, "%s has another operator token than the one that it was shown", c.base)
	}
	return f.WithHint("set HEYQ_OPERATOR_TOKEN (or HEYQ_OPERATOR_TOKEN_FILE), or HEYQ_DIR to that heyq's data folder, which holds operator-token")
}
