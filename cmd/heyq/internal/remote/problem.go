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
	http.StatusNotFound:              fault.NotFound,
	http.StatusGone:                  fault.Gone,
	http.StatusConflict:              fault.Conflict,
	http.StatusRequestEntityTooLarge: fault.TooLarge,
	http.StatusUnprocessableEntity:   fault.Invalid,
	http.StatusBadGateway:            fault.Unavailable,
	http.StatusServiceUnavailable:    fault.Unavailable,
	http.StatusGatewayTimeout:        fault.Unavailable,
}

// problem is a refusal as problem+json (RFC 9457).
type problem struct {
	Title  string `json:"title"`
	Detail string `json:"detail"` // what is wrong; what to do
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
	f := fault.New(code, "%s", cmp.Or(p.Detail, p.Title))
	for _, e := range p.Errors {
		_ = f.WithField(strings.TrimPrefix(e.Location, "body."), e.Value, "%s", e.Message)
	}
	return f
}
