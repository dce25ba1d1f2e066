package client

import (
	"cmp"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strings"

	"heyq/internal/fault"
	"heyq/wire"
)

// refused turns an answer outside of 2xx back into a fault. The field of a body is
// named as in the body, and a parameter by its place: query.page.
func (c *Client) refused(answer *http.Response) error {
	code := wire.CodeOf(answer.StatusCode)
	media, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	var p wire.Problem
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
		_ = f.WithField(strings.TrimPrefix(e.Location, "body."), e.Value, "%s", e.Message)
	}
	return f
}

// shutOut says how to come by the token that a heyq wants.
func (c *Client) shutOut() error {
	f := fault.New(fault.Invalid, "%s wants its operator token", c.base)
	if c.token != "" {
		f = fault.New(fault.Invalid, "%s knows no such key, and has another operator token than the one that it was shown", c.base)
	}
	return f.WithHint("set HEYQ_KEY to a user's key, or HEYQ_OPERATOR_TOKEN (or HEYQ_OPERATOR_TOKEN_FILE), or HEYQ_DIR to that heyq's data folder, which holds operator-token")
}
