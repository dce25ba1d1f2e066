// Package notify tells a stranger's server something: it signs a body after the
// Standard Webhooks specification and posts it, once.
//
// The stranger is not trusted. Only the beginning of its answer is read, how long it
// takes is bounded, and neither its address nor one that it redirects to may lie in a
// private network, unless that is allowed (package netguard).
//
// It knows no rows and no retries: what an Answer means is for its caller to say.
package notify

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"heyq/internal/netguard"
	"heyq/internal/policy"
)

// Timeout is how long a post may take, redirects and the answer included.
const Timeout = 15 * time.Second

// maxRedirects is how many redirects are followed.
const maxRedirects = 3

// ErrUnsigned says that there is no secret to sign with.
var ErrUnsigned = errors.New("there is no secret to sign with")

// Options configures a Client.
type Options struct {
	Secrets []string      // each signs; several while they are exchanged
	Private bool          // private addresses, and http, may be posted to
	Agent   string        // User-Agent
	Timeout time.Duration // 0: Timeout

	Wrap  func(http.RoundTripper) http.RoundTripper // put around the transport; nil: nothing
	Hosts *policy.Hosts                             // nil: a receiver that is down is called all the same
}

// Client posts webhooks. It is safe for concurrent use.
type Client struct {
	options Options
	signers []*standardwebhooks.Webhook
	http    *http.Client
}

// NewSecret makes a secret, at random.
func NewSecret() string {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // it cannot fail
	return "whsec_" + base64.StdEncoding.EncodeToString(key)
}

// signersOf reads secrets.
func signersOf(secrets []string) (list []*standardwebhooks.Webhook, err error) {
	for _, secret := range secrets {
		signer, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			return nil, errors.New("read the webhook secret: it is not base64") // the cause may show a part of it
		}
		list = append(list, signer)
	}
	return list, nil
}

// New returns a client. Without secrets it posts nothing and says why.
func New(o Options) (*Client, error) {
	if o.Timeout == 0 {
		o.Timeout = Timeout
	}
	signers, err := signersOf(o.Secrets)
	if err != nil {
		return nil, err
	}
	c := &Client{options: o, signers: signers}
	var carrier http.RoundTripper = transport(o.Private)
	if o.Wrap != nil {
		carrier = o.Wrap(carrier)
	}
	c.http = &http.Client{Transport: &breaker{carrier, o.Hosts}, CheckRedirect: c.redirect}
	return c, nil
}

// With returns the client with other secrets. They share connections, and what is known
// of receivers that are down.
func (c *Client) With(secrets []string) (*Client, error) {
	signers, err := signersOf(secrets)
	if err != nil {
		return nil, err
	}
	other := *c
	other.signers = signers
	return &other, nil
}

func transport(private bool) http.RoundTripper {
	if !private {
		return netguard.Transport(tune)
	}
	t := http.DefaultTransport.(*http.Transport).Clone()
	tune(t)
	return t
}

func tune(t *http.Transport) {
	t.MaxResponseHeaderBytes = mostRead
	t.IdleConnTimeout = 30 * time.Second
	t.DisableCompression = true // no answer is worth unpacking
}

// redirect follows a redirect that keeps a POST a POST, if it leads to an allowed
// address.
func (c *Client) redirect(req *http.Request, via []*http.Request) error {
	if req.Method != http.MethodPost || len(via) > maxRedirects {
		return http.ErrUseLastResponse
	}
	if req.URL.Scheme != "https" && !c.options.Private {
		return fmt.Errorf("it redirects to %s://%s, which is not encrypted", req.URL.Scheme, req.URL.Host)
	}
	return nil
}

// Post signs body as message id, at the time that is given, and posts it to
// address. It returns what came of it; Answer.Err is nil if the receiver
// answered with a 2xx.
func (c *Client) Post(ctx context.Context, address, id string, at time.Time, body []byte) Answer {
	if len(c.signers) == 0 {
		return Answer{Err: ErrUnsigned}
	}
	ctx, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	req, err := c.request(ctx, address, id, at, body)
	if err != nil {
		return Answer{Err: err}
	}
	response, err := c.http.Do(req)
	if err != nil {
		return Answer{Err: c.reason(ctx, err)}
	}
	defer response.Body.Close()
	return read(response, at)
}

func (c *Client) request(ctx context.Context, address, id string, at time.Time, body []byte) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", withoutURL(err))
	}
	signatures := make([]string, len(c.signers))
	for i, signer := range c.signers {
		if signatures[i], err = signer.Sign(id, at, body); err != nil {
			return nil, fmt.Errorf("sign: %w", err)
		}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", c.options.Agent)
	req.Header.Set(standardwebhooks.HeaderWebhookID, id)
	req.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	req.Header.Set(standardwebhooks.HeaderWebhookSignature, strings.Join(signatures, " "))
	return req, nil
}

// reason is why there was no answer. The user who named the receiver reads it, and
// must not learn from it which names and addresses our network has. So a name that
// does not exist is told in the same words as one that leads to a private address,
// unless Private allows such addresses.
func (c *Client) reason(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("it did not answer in time: %w", context.DeadlineExceeded)
	}
	err = withoutURL(err)
	lookup, unresolved := errors.AsType[*net.DNSError](err)
	failed, onTheWire := errors.AsType[*net.OpError](err)
	switch {
	case errors.Is(err, netguard.ErrNotPublic), unresolved && lookup.IsNotFound && !c.options.Private:
		return &reworded{"its host is not a public address", netguard.ErrNotPublic}
	case unresolved && lookup.IsNotFound:
		return &reworded{"there is no host of its name", err}
	case unresolved:
		return &reworded{"its host could not be looked up", err}
	case onTheWire && failed.Op == "proxyconnect": // whose address is ours
		return &reworded{"the proxy did not answer", err}
	case onTheWire:
		return &reworded{failed.Op + ": " + failed.Err.Error(), err}
	}
	return err
}

// reworded is an error in words that tell no more than they should.
type reworded struct {
	words string
	cause error
}

func (r *reworded) Error() string { return r.words }
func (r *reworded) Unwrap() error { return r.cause }

// withoutURL drops the address, which may hold a token, and is known anyway.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}
