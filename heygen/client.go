package heygen

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"heyq/internal/fault"
	"heyq/internal/policy"
)

// DefaultBaseURL is where HeyGen serves its API.
const DefaultBaseURL = "https://api.heygen.com"

// Options configures a Client. Only APIKey is required.
type Options struct {
	// BaseURL is the root of the API, without a path. Default DefaultBaseURL.
	BaseURL string

	// APIKey is sent as x-api-key with every call and appears nowhere else.
	APIKey string

	// Transport carries the requests. Default: NewTransport().
	Transport http.RoundTripper

	// CreateTimeout bounds a create, its answer included. nil: 120 s, for one
	// create in a hundred takes longer than 30 s and succeeds all the same.
	CreateTimeout *policy.Timeout

	// Timeout bounds any other call, its retries included. nil: 30 s.
	Timeout *policy.Timeout

	// Retry says how often and how soon a read is made again. nil: up to twice,
	// after 200 ms and 400 ms at most. A create never is.
	Retry *policy.Retry

	// Breaker is asked before each call, a read and its repetitions together. What
	// it refuses is ErrNotSent, with a policy.Refusal that says for how long. nil:
	// nothing is refused.
	Breaker *policy.Breaker

	// Limiter bounds the requests a second. One that would have to wait longer than
	// Patience, by default 5 s, is refused as by the Breaker. nil: no limit.
	Limiter  *policy.Limiter
	Patience time.Duration

	// Permit is asked before each request, by the name of its call. Its error, which
	// a policy.Refusal should be in, keeps it from the wire: it is ErrNotSent. nil:
	// all may pass.
	Permit func(call string) error

	// Record is told of every request that was sent, retries one by one, with
	// the name of the call (create, get, statuses, ...), the status (0 without an
	// answer), the error and how long the answer's head took. nil: nothing is told.
	Record func(call string, status int, err error, took time.Duration)
}

// Client calls HeyGen. It is safe for concurrent use.
type Client struct {
	Videos   *VideosService
	Users    *UsersService
	Webhooks *WebhooksService

	http          *http.Client
	base          string
	key           string
	timeout       *policy.Timeout
	createTimeout *policy.Timeout
}

// New returns a Client. It does not call HeyGen; a key that is wrong shows on
// the first call. Options that cannot work are a fault.Invalid.
func New(o Options) (*Client, error) {
	base, err := parseBase(o.BaseURL)
	if err != nil {
		return nil, err
	}
	if err := checkKey(o.APIKey); err != nil {
		return nil, err
	}
	if o.Transport == nil {
		o.Transport = NewTransport()
	}
	o = o.withPolicies()
	c := &Client{
		http:          &http.Client{Transport: stack(o), CheckRedirect: noRedirect},
		base:          base,
		key:           o.APIKey,
		timeout:       o.Timeout,
		createTimeout: o.CreateTimeout,
	}
	c.Videos = &VideosService{c}
	c.Users = &UsersService{c}
	c.Webhooks = &WebhooksService{c}
	return c, nil
}

// withPolicies fills in those that were not chosen.
func (o Options) withPolicies() Options {
	set := policy.New(policy.Options{})
	if o.Timeout == nil {
		o.Timeout = set.Timeout("heygen", 30*time.Second)
	}
	if o.CreateTimeout == nil {
		o.CreateTimeout = set.Timeout("heygen_create", 120*time.Second)
	}
	if o.Retry == nil {
		o.Retry = set.Retry("heygen", 3, policy.Exponential(200*time.Millisecond, 2*time.Second))
	}
	if o.Patience <= 0 {
		o.Patience = defaultPatience
	}
	return o
}

func parseBase(raw string) (string, error) {
	if raw == "" {
		return DefaultBaseURL, nil
	}
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" {
		return "", fault.New(fault.Invalid, "the HeyGen base URL is not usable").
			WithHint("give scheme and host alone, such as %s", DefaultBaseURL)
	}
	return strings.TrimRight(raw, "/"), nil
}

// checkKey refuses what could not be sent in a header. The key itself stays out
// of the message.
func checkKey(key string) error {
	unprintable := func(r rune) bool { return r <= ' ' || r > '~' }
	if key == "" || strings.ContainsFunc(key, unprintable) {
		return fault.New(fault.Invalid, "the HeyGen API key is empty or holds spaces, line breaks or other unprintable characters").
			WithHint("copy it again from HeyGen's settings, without the line break")
	}
	return nil
}

// noRedirect hands a 3xx to the caller: following it would send a create, or
// the key, somewhere else.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
