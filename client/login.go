package client

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"

	"heyq/internal/fault"
	"heyq/wire"
)

// Login logs a user in at the heyq at base, as a browser does. The client that it returns
// may do what the user may, until its Logout. Programs that run for long show a key instead.
func Login(ctx context.Context, base, email, password string, options ...Option) (*Client, error) {
	c := New(base, "", options...)
	form := url.Values{"email": {email}, "password": {password}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/login", strings.NewReader(form.Encode()))
	if err != nil {
		return nil, failed(fault.Wrap(err, fault.Invalid, "%s is no address of a heyq", c.base).WithHint("set HEYQ_URL"), nil, "")
	}
	req.Header.Set("Accept", "application/json, application/problem+json")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := c.http.Do(req) // once: a wrong password is counted
	if err != nil {
		return nil, c.unreachable(ctx, err)
	}
	defer answer.Body.Close()
	for _, cookie := range answer.Cookies() {
		if answer.StatusCode == http.StatusSeeOther && cookie.Value != "" {
			c.cookie = cookie.Name + "=" + cookie.Value
			return c, nil
		}
	}
	if answer.StatusCode == http.StatusUnauthorized {
		var p wire.Problem
		if json.NewDecoder(io.LimitReader(answer.Body, 1<<20)).Decode(&p) == nil && p.Detail != "" {
			f := fault.New(fault.Invalid, "%s", p.Detail).WithHint("ask an owner of that heyq for a link to set another password")
			return nil, failed(f, answer, p.RequestID)
		}
	}
	return nil, c.refused(answer, request{})
}

// Logout ends the login of a client that Login made.
func (c *Client) Logout(ctx context.Context) error {
	r := request{method: http.MethodPost, path: "/logout"}
	answer, _, err := c.send(ctx, &r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusSeeOther {
		return c.refused(answer, r)
	}
	return nil
}
