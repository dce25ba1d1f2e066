package simulator

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
)

// Options configures a Simulator. The zero value renders instantly, keeps its
// state in memory and takes any API key.
type Options struct {
	RenderTime   time.Duration    // from acceptance to completed; 0: at once
	Concurrency  int              // renders in flight before a create gets 429; 0: 10
	Latency      time.Duration    // how long a create takes to be accepted and answered
	Plain        bool             // completed videos have the one link that is certain: neither thumbnail nor captions
	LinkLifetime time.Duration    // how long a presigned link works; 0: seven days
	APIKey       string           // the only key that is accepted; empty: any non-empty key
	Scopes       []string         // what the key may do, such as "videos:write"; nil: everything
	KeyExpires   time.Time        // until when api_keys/self says that the key is good; zero: for ever
	Account      string           // the user's name; empty: simulated
	Dir          string           // keeps the state, committed before each answer; empty: memory only
	PublicURL    string           // base of the presigned links; empty: the host that the request named
	WebhookRetry time.Duration    // wait before a webhook's first retry, doubled each time for 24 hours; 0: 5 s
	Logger       zerolog.Logger   // one debug line a call, one error line a failed commit
	Clock        func() time.Time // nil: time.Now

	// Sealed leaves out /_sim and X-Sim-Fault, for an account in which no
	// faults may be set.
	Sealed bool

	// PlainSignature sends a webhook's signature in the header Signature alone,
	// as integrators report, not in the documented Heygen-Signature with
	// Heygen-Timestamp and Heygen-Event-Id.
	PlainSignature bool
}

// Simulator is a HeyGen v3 account with its API. It is an http.Handler, safe
// for concurrent use.
type Simulator struct {
	opts    Options
	state   *state
	links   *signer
	handler http.Handler
	courier *courier
	events  history
	faults  atomic.Pointer[program] // nil: nothing goes wrong
	fired   tally

	close  sync.Once
	closed chan struct{}
}

// New opens the account in opts.Dir, or an empty one in memory. A folder that a
// killed process left behind opens with every answered request in it; what was
// rendering goes on by the wall clock. One process may have a folder open.
func New(opts Options) (*Simulator, error) {
	if opts.RenderTime < 0 || opts.Concurrency < 0 || opts.Latency < 0 || opts.LinkLifetime < 0 || opts.WebhookRetry < 0 {
		return nil, errors.New("simulator options: durations and concurrency must not be negative")
	}
	if opts.Concurrency == 0 {
		opts.Concurrency = 10
	}
	if opts.LinkLifetime == 0 {
		opts.LinkLifetime = 7 * 24 * time.Hour
	}
	if opts.WebhookRetry == 0 {
		opts.WebhookRetry = 5 * time.Second
	}
	if opts.Clock == nil {
		opts.Clock = time.Now
	}

	opts.PublicURL = strings.TrimSuffix(opts.PublicURL, "/")

	st, err := openState(opts.Dir, opts.Clock)
	if err != nil {
		return nil, fmt.Errorf("open simulator: %w", err)
	}
	s := &Simulator{opts: opts, state: st, links: newSigner(st.secret), courier: newCourier(opts.Clock), closed: make(chan struct{})}
	s.handler = s.routes()
	st.applied = s.schedule
	s.reschedule()
	return s, nil
}

// ServeHTTP answers one request.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.opts.Sealed {
		r.Header.Del(faultHeader)
	}
	if wish := r.Header.Get(faultHeader); wish != "" {
		if _, err := readWish(wish); err != nil {
			invalid(faultHeader, err.Error()).answer().send(w, r)
			return
		}
	}
	s.handler.ServeHTTP(w, r)
}

// Close releases the folder. Creates that wait out their latency are accepted
// first or refused, never half. It is safe to call twice.
func (s *Simulator) Close() error {
	var err error
	s.close.Do(func() {
		close(s.closed)
		s.courier.close()
		err = s.state.close()
	})
	return err
}

// Ledger returns what was accepted and called so far, every render included.
func (s *Simulator) Ledger() Ledger { return s.state.ledger(s.opts.Clock(), true) }

func (s *Simulator) routes() http.Handler {
	api := http.NewServeMux()
	call := func(pattern, name string, h handler) {
		s.state.name(name)
		api.Handle(pattern, s.receive(name, h))
	}
	call("POST /v3/videos", "create", s.failing(s.once(s.slowly(s.readVideo))))
	call("GET /v3/videos", "list", s.listVideos)
	call("GET /v3/videos/statuses", "statuses", s.listStatuses)
	call("GET /v3/videos/{video_id}", "get", s.getVideo)
	call("DELETE /v3/videos/{video_id}", "delete", s.deleteVideo)
	call("POST /v3/templates/{template_id}", "generate", s.failing(s.once(s.slowly(s.readTemplate))))
	call("GET /v3/templates", "templates", listTemplates)
	call("GET /v3/templates/{template_id}", "template", getTemplate)
	call("GET /v3/avatars", "avatars", listAvatars)
	call("GET /v3/avatars/looks", "looks", listLooks)
	call("GET /v3/voices", "voices", listVoices)
	call("GET /v3/users/me", "me", s.getAccount)
	call("GET /v3/api_keys/self", "key", s.getKey)
	call("POST /v3/assets", "asset_upload", s.once(s.readAsset))
	call("POST /v3/webhooks/endpoints", "webhook_create", s.once(s.readWebhook))
	call("GET /v3/webhooks/endpoints", "webhook_list", s.listWebhooks)
	call("PATCH /v3/webhooks/endpoints/{endpoint_id}", "webhook_update", s.updateWebhook)
	call("DELETE /v3/webhooks/endpoints/{endpoint_id}", "webhook_delete", s.deleteWebhook)
	call("POST /v3/webhooks/endpoints/{endpoint_id}/rotate-secret", "webhook_rotate", s.once(s.readRotation))
	call("GET /v3/webhooks/event-types", "event_types", listEventTypes)
	call("GET /v3/webhooks/events", "events", s.listEvents)
	call("/v3/", "unknown", unknownEndpoint)

	site := http.NewServeMux()
	site.Handle("/v3/", api)
	site.HandleFunc("GET /files/{video_id}/{name}", s.serveFile)
	site.HandleFunc("GET /assets/{asset_id}", s.serveAsset)
	if s.opts.Sealed {
		return site
	}
	site.HandleFunc("GET /_sim/ledger", s.serveLedger)
	site.HandleFunc("POST /_sim/faults", s.setFaults)
	site.HandleFunc("GET /_sim/faults", s.showFaults)
	site.HandleFunc("DELETE /_sim/faults", s.clearFaults)
	return site
}
