package client

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/go-retryablehttp"

	"heyq/internal/fault"
	"heyq/internal/text"
)

// Client calls one heyq. It is safe for concurrent use.
type Client struct {
	Videos        *Videos
	Users         *Users
	Keys          *Keys
	Me            *Me
	Jobs          *Jobs
	Queues        *Queues
	Admission     *Admission
	Turns         *Turns
	Limits        *Limits
	Tasks         *Tasks
	Notifications *Notifications
	Schedule      *Schedule
	Alerts        *Alerts
	Webhooks      *Webhooks
	Server        *Server

	base    string
	token   string
	cookie  string       // that Login was given; empty: the client shows its token
	http    *http.Client // reads answers whole
	streams *http.Client // does not
	retries int
	within  time.Duration
}

// service is what each part of the API is made of.
type service struct{ c *Client }

// New returns a client of the heyq at base, an http or https URL. It shows token, a
// user's key or the operator token, unless that is empty.
func New(base, token string, options ...Option) *Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = 2 * time.Minute                                     // a batch of 1,000 on a slow disk
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // the token is for base alone
	c := &Client{
		base: strings.TrimRight(base, "/"), token: token, retries: defaultRetries, within: defaultWithin,
		http:    &http.Client{Transport: whole{transport}, CheckRedirect: stay},
		streams: &http.Client{Transport: transport, CheckRedirect: stay},
	}
	for _, option := range options {
		option(c)
	}
	s := &service{c}
	c.Videos, c.Users, c.Keys, c.Me = (*Videos)(s), (*Users)(s), (*Keys)(s), (*Me)(s)
	c.Jobs, c.Queues, c.Admission, c.Turns, c.Limits = (*Jobs)(s), (*Queues)(s), (*Admission)(s), (*Turns)(s), (*Limits)(s)
	c.Tasks = (*Tasks)(s)
	c.Notifications, c.Schedule, c.Alerts, c.Webhooks, c.Server = (*Notifications)(s), (*Schedule)(s), (*Alerts)(s), (*Webhooks)(s), (*Server)(s)
	return c
}

// request is one call.
type request struct {
	method string
	path   string
	query  url.Values
	key    string // Idempotency-Key; empty: none
	last   string // Last-Event-ID; empty: none
	accept string // empty: JSON
	body   any    // nil: none

	madeKey bool   // the caller gave none
	stream  bool   // the answer is read while it comes
	once    bool   // it is not repeated, whatever its method
	encoded []byte // body as it was sent
}

// underKey is r with the caller's key, or with a new one if the caller gave none: only
// what has a key is sent again after an answer that was lost.
func (r request) underKey(key string) request {
	r.key, r.madeKey = key, key == ""
	if r.madeKey {
		r.key = uuid.NewString()
	}
	return r
}

func get(path string) request { return request{method: http.MethodGet, path: path} }

func post(path string, body any) request {
	return request{method: http.MethodPost, path: path, body: body}
}

// at is a path with the escaped parts in it.
func at(path string, parts ...string) string {
	for _, part := range parts {
		path = strings.Replace(path, "{}", url.PathEscape(part), 1)
	}
	return path
}

// call sends r and returns the answer as a T.
func call[T any](ctx context.Context, c *Client, r request) (out T, err error) {
	answer, err := c.open(ctx, r)
	if err != nil {
		return out, err
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusNoContent {
		return out, nil
	}
	if err := json.NewDecoder(answer.Body).Decode(&out); err != nil {
		return out, c.garbled(err, r, answer)
	}
	return out, nil
}

// nothing is the answer of a call that has none.
type nothing struct{}

// open sends r and returns an answer of the 2xx kind, whose body the caller closes.
func (c *Client) open(ctx context.Context, r request) (*http.Response, error) {
	answer, _, err := c.send(ctx, &r)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode/100 != 2 {
		defer answer.Body.Close()
		return nil, c.refused(answer, r)
	}
	return answer, nil
}

// remove deletes what is at path. If an answer was lost, what was there may be gone
// already: a 404 to the next try says that it is done.
func (c *Client) remove(ctx context.Context, path string, query url.Values) error {
	r := request{method: http.MethodDelete, path: path, query: query}
	answer, tries, err := c.send(ctx, &r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode/100 == 2 || tries > 1 && answer.StatusCode == http.StatusNotFound {
		return nil
	}
	return c.refused(answer, r)
}

// send sends r, as often as it must and may, and returns the last answer, whatever its
// status.
func (c *Client) send(ctx context.Context, r *request) (answer *http.Response, tries int, err error) {
	req, err := c.newRequest(ctx, r)
	if err != nil {
		return nil, 0, err
	}
	answer, tries, err = c.do(req, *r)
	if err != nil {
		return nil, tries, c.unreachable(ctx, err)
	}
	return answer, tries, nil
}

func (c *Client) newRequest(ctx context.Context, r *request) (*retryablehttp.Request, error) {
	var body any // nil, and no empty slice, if there is none
	if r.body != nil {
		var err error
		r.encoded, err = text.Encode(r.body)
		switch {
		case text.NotUTF8(err):
			return nil, failed(fault.Wrap(err, fault.Malformed, "what was given is not UTF-8").WithHint("encode it as UTF-8; nothing was sent"), nil, "")
		case err != nil:
			return nil, failed(fault.Wrap(err, fault.Malformed, "what was given cannot be sent: %v", err), nil, "")
		}
		body = r.encoded
	}
	address := c.base + r.path
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, r.method, address, body)
	if err != nil {
		return nil, failed(fault.Wrap(err, fault.Invalid, "%s is no address of a heyq", c.base).WithHint("set HEYQ_URL"), nil, "")
	}
	req.Header.Set("Accept", cmp.Or(r.accept, "application/json, application/problem+json"))
	if r.last != "" {
		req.Header.Set("Last-Event-ID", r.last)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.cookie != "" {
		req.Header.Set("Cookie", c.cookie)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.key != "" {
		req.Header.Set("Idempotency-Key", r.key)
	}
	return req, nil
}

// unreachable returns an Error that says that no heyq answered. If ctx has ended it
// returns ctx.Err() instead.
func (c *Client) unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	cause := err
	if e, ok := errors.AsType[*url.Error](err); ok {
		cause = e.Err
	}
	return failed(fault.Wrap(err, fault.Unavailable, "no heyq answers at %s: %v", c.base, cause).
		WithHint("start one with `heyq up`, or set HEYQ_URL to where it is"), nil, "")
}

func (c *Client) garbled(err error, r request, answer *http.Response) error {
	return failed(fault.Wrap(err, fault.Unavailable, "the answer of %s to %s %s cannot be read: %v", c.base, r.method, r.path, err).
		WithHint("is that a heyq? HEYQ_URL says where to look for one"), answer, "")
}
