package auth

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"
)

// Options are what an Authenticator is made of. Token is required.
type Options struct {
	Token    string // what the operator knows
	Operator any    // who shows the token, or has a session that began with it; default true

	// Find returns who shows a bearer that is not the token; nil: there is no such key.
	// An error says that it cannot be told now. nil: the token is all there is.
	Find func(ctx context.Context, bearer string) (who any, err error)

	Open     []string              // patterns, as http.ServeMux takes them, that need no token
	Sessions redis.UniversalClient // where the sessions of browsers are; the caller closes it
	Home     string                // path to which a login leads if no other was asked for; default /
	Secure   bool                  // browsers come by https, though the last step to here may not be
	Proxies  []netip.Prefix        // whose word on where a request comes from is believed
	Hosts    []string              // names of this heyq; those of loopback need not be among them
	Known    func(*http.Request)   // told of each request that showed the token or a session; nil: nothing is told
	Delay    time.Duration         // how long an address that was wrong too often waits for its answer; default 1 s
	Logger   zerolog.Logger        // one line if an address was wrong too often
	Now      func() time.Time      // default time.Now
}

// Authenticator decides who comes in. It is safe for concurrent use.
type Authenticator struct {
	token    token
	operator any
	find     func(ctx context.Context, bearer string) (who any, err error)
	open     []string
	sessions sessions
	failures *failures
	home     string
	secure   bool
	proxies  proxies
	hosts    []string
	told     func(*http.Request)
	delay    time.Duration
	log      zerolog.Logger
	now      func() time.Time
}

// New returns an Authenticator.
func New(o Options) *Authenticator {
	if o.Home == "" {
		o.Home = "/"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Known == nil {
		o.Known = func(*http.Request) {}
	}
	if o.Operator == nil {
		o.Operator = true
	}
	if o.Find == nil {
		o.Find = func(context.Context, string) (any, error) { return nil, nil }
	}
	if o.Delay == 0 {
		o.Delay = time.Second
	}
	return &Authenticator{
		token: newToken(o.Token), operator: o.Operator, find: o.Find, open: o.Open, home: o.Home, secure: o.Secure, log: o.Logger, now: o.Now,
		sessions: sessions{o.Sessions, []byte(o.Token), o.Now}, failures: newFailures(),
		proxies: o.Proxies, hosts: o.Hosts, told: o.Known, delay: o.Delay,
	}
}

// Guard answers /login and /logout, and hands the other requests to next. A request to an
// open path always passes; any other passes only if it shows the token or a session. No
// cache keeps the answers to those others, unless next says otherwise.
func (d *Authenticator) Guard(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	for _, pattern := range d.open {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, d.marked(r, d.shows(r)))
		})
	}
	mux.HandleFunc("GET /login", d.ours(d.showLogin))
	mux.HandleFunc("POST /login", d.ours(d.login))
	mux.HandleFunc("GET /logout", d.ours(d.showLogout))
	mux.HandleFunc("POST /logout", d.ours(d.logout))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if who := d.admits(w, r); who != nil {
			next.ServeHTTP(w, d.marked(r, who))
		}
	})
	return mux
}

type whoKey struct{}

// Who returns who sent the request of ctx: Options.Operator, or what Options.Find
// found; nil: the request showed nothing that is known.
func Who(ctx context.Context) any {
	g, _ := ctx.Value(whoKey{}).(guest)
	return g.who
}

// Known reports whether the request of ctx showed a token, or a session. Open
// paths tell such a request more.
func Known(ctx context.Context) bool { return Who(ctx) != nil }

func (d *Authenticator) marked(r *http.Request, who any) *http.Request {
	if who == nil {
		return r
	}
	d.told(r)
	again := func(ctx context.Context) (any, error) { return d.again(ctx, r) }
	return r.WithContext(context.WithValue(r.Context(), whoKey{}, guest{who, again}))
}

// shows returns who shows the token, a key or a session. It is for paths that are open
// to all, and refuses nothing.
func (d *Authenticator) shows(r *http.Request) any {
	if shown, ok := bearer(r); ok {
		who, _, _ := d.try(r, shown)
		return who
	}
	if d.misled(r) {
		return nil
	}
	if known, _ := d.sessions.known(r, d.overTLS(r)); known {
		return d.operator
	}
	return nil
}

// admits returns who sent a request that may pass; nil: it has answered.
func (d *Authenticator) admits(w http.ResponseWriter, r *http.Request) (who any) {
	if shown, ok := bearer(r); ok {
		who, wait, err := d.try(r, shown)
		switch {
		case who != nil:
		case err != nil:
			d.log.Info().Err(err).Msg("cannot look for a key")
			tellToWait(w, time.Second)
			writeProblem(w, http.StatusServiceUnavailable, noStore)
		case wait > 0:
			tellToWait(w, wait)
			writeProblem(w, http.StatusTooManyRequests, tooMany)
		default:
			writeUnauthorized(w, "the token is neither heyq's operator token nor a user's key")
		}
		return who
	}
	if d.misled(r) {
		writeProblem(w, http.StatusMisdirectedRequest, notOurs(r))
		return nil
	}
	known, err := d.sessions.known(r, d.overTLS(r))
	switch {
	case known:
		return d.operator
	case err != nil:
		d.log.Debug().Err(err).Msg("cannot look for a session")
		tellToWait(w, time.Second)
		if isBrowser(r) {
			d.page(w, http.StatusServiceUnavailable, page{Path: "/login", Next: asked(r), Wrong: noRedis})
		} else {
			writeProblem(w, http.StatusServiceUnavailable, noRedis)
		}
	case isBrowser(r):
		http.Redirect(w, r, "/login?next="+url.QueryEscape(asked(r)), http.StatusSeeOther)
	default:
		writeUnauthorized(w, "this wants heyq's operator token, or a user's key")
	}
	return nil
}

// bearer returns the token that a program shows.
func bearer(r *http.Request) (token string, ok bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(token), strings.EqualFold(scheme, "Bearer")
}

// isBrowser reports whether a browser asks, and a person will see the answer.
func isBrowser(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }

// asked is what a browser should see after a login: the page that it asked for.
// What it wanted to send is lost.
func asked(r *http.Request) string {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return ""
	}
	return r.URL.RequestURI()
}
