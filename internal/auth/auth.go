package auth

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/rs/zerolog"
)

// Options are what an Authenticator is made of. Token and Logins are required.
type Options struct {
	Token      string // what the operator knows
	Operator   any    // who shows the token, or has a login that began with it; default true
	OperatorID string // the user of such a login; default operator

	// Find returns who shows a bearer that is not the token; nil: there is no such key.
	// An error says that it cannot be told now. nil: the token is all there is.
	Find func(ctx context.Context, bearer string) (who any, err error)

	Users   Users               // who log in by themselves; nil: only the operator does
	Open    []string            // patterns, as http.ServeMux takes them, that need no token
	Tried   []string            // such patterns as well, where links are tried: who was wrong too often is not heard
	Logins  *Logins             // of browsers
	Home    string              // path to which an operator's login leads if no other was asked for; default /
	Secure  bool                // browsers come by https, though the last step to here may not be
	Proxies []netip.Prefix      // whose word on where a request comes from is believed
	Header  string              // in which those proxies name a user's e-mail; empty: they name no user. Wants Users
	Hosts   []string            // names of this heyq; those of loopback need not be among them
	Known   func(*http.Request) // told of each request that showed the token or a login; nil: nothing is told
	Delay   time.Duration       // how long an address that was wrong too often waits for its answer; default 1 s
	Logger  zerolog.Logger      // one line if an address was wrong too often
	Now     func() time.Time    // default time.Now
}

// Users are those who log in by themselves. An error says that it cannot be told now.
type Users interface {
	// Who returns who the holder of a login is now; nil: the login is over.
	Who(ctx context.Context, h Holder) (who any, err error)
	// Check returns the user of an e-mail and a password. It takes the same time whether
	// there is such a user or not. A wait above zero says that too many were wrong for it.
	Check(ctx context.Context, email, password string) (h Holder, ok bool, wait time.Duration, err error)
	// ByEmail returns who the active user of an e-mail is, and as whom a login of it begins;
	// nil: there is none.
	ByEmail(ctx context.Context, email string) (who any, h Holder, err error)
	// SetPassword sets the password of a link's user, and returns what is wrong with the
	// two, for people; nothing: it is set.
	SetPassword(ctx context.Context, link, password string) (wrong string, err error)
}

// Authenticator decides who comes in. It is safe for concurrent use.
type Authenticator struct {
	token      token
	operator   any
	operatorID string
	find       func(ctx context.Context, bearer string) (who any, err error)
	users      Users
	open       []string
	tried      []string
	logins     *Logins
	failures   *failures
	home       string
	secure     bool
	proxies    proxies
	header     string
	hosts      []string
	told       func(*http.Request)
	delay      time.Duration
	log        zerolog.Logger
	now        func() time.Time
}

// New returns an Authenticator.
func New(o Options) *Authenticator {
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
	return &Authenticator{
		token: newToken(o.Token), operator: o.Operator, operatorID: cmp.Or(o.OperatorID, "operator"), find: o.Find, users: o.Users,
		open: o.Open, tried: o.Tried, logins: o.Logins, failures: newFailures(), home: cmp.Or(o.Home, "/"), secure: o.Secure,
		proxies: o.Proxies, header: o.Header, hosts: o.Hosts, told: o.Known, delay: cmp.Or(o.Delay, time.Second), log: o.Logger, now: o.Now,
	}
}

// Guard answers /login, /logout and /password, and hands the other requests to next. A
// request to an open path always passes; any other passes only if it shows the token, a
// key or a login. No cache keeps the answers to those others, unless next says otherwise.
func (d *Authenticator) Guard(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	for _, pattern := range d.open {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			who, login := d.shows(r)
			next.ServeHTTP(w, d.marked(r, who, login))
		})
	}
	for _, pattern := range d.tried {
		mux.HandleFunc(pattern, d.counted(next))
	}
	mux.HandleFunc("GET /login", d.ours(d.showLogin))
	mux.HandleFunc("POST /login", d.ours(d.login))
	mux.HandleFunc("GET /logout", d.ours(d.showLogout))
	mux.HandleFunc("POST /logout", d.ours(d.logout))
	if d.users != nil {
		mux.HandleFunc("GET /password", d.ours(d.showPassword))
		mux.HandleFunc("POST /password", d.ours(d.password))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if who, login := d.admits(w, r); who != nil {
			next.ServeHTTP(w, d.marked(r, who, login))
		}
	})
	return mux
}

type visitorKey struct{}

// visitor is who sent a request, and the id of the login if it showed one.
type visitor struct {
	who   any
	login string
	again func(context.Context) (any, error)
}

// Who returns who sent the request of ctx: Options.Operator, or what Options.Find or
// Options.Users found; nil: the request showed nothing that is known.
func Who(ctx context.Context) any { return visitorOf(ctx).who }

// LoginOf returns the id of the login that the request of ctx showed; empty: none.
func LoginOf(ctx context.Context) string { return visitorOf(ctx).login }

// Known reports whether the request of ctx showed a token, a key or a login. Open
// paths tell such a request more.
func Known(ctx context.Context) bool { return Who(ctx) != nil }

func visitorOf(ctx context.Context) visitor {
	v, _ := ctx.Value(visitorKey{}).(visitor)
	return v
}

func (d *Authenticator) marked(r *http.Request, who any, login string) *http.Request {
	if who == nil {
		return r
	}
	d.told(r)
	again := func(ctx context.Context) (any, error) { return d.again(ctx, r) }
	return r.WithContext(context.WithValue(r.Context(), visitorKey{}, visitor{who, login, again}))
}

// shows returns who shows the token, a key or a login, or is named by a proxy. It is for paths that are open
// to all, and refuses nothing.
func (d *Authenticator) shows(r *http.Request) (who any, login string) {
	if shown, ok := bearer(r); ok {
		who, _, _ = d.try(r, shown)
		return who, ""
	}
	if d.misled(r) {
		return nil, ""
	}
	who, carried, _ := d.carries(r)
	return who, carried.ID
}

// admits returns who sent a request that may pass; nil: it has answered.
func (d *Authenticator) admits(w http.ResponseWriter, r *http.Request) (who any, login string) {
	if shown, ok := bearer(r); ok {
		return d.admitsBearer(w, r, shown), ""
	}
	if d.misled(r) {
		writeProblem(w, http.StatusMisdirectedRequest, notOurs(r))
		return nil, ""
	}
	who, carried, err := d.carries(r)
	switch {
	case err != nil:
		d.log.Debug().Err(err).Msg("cannot look for a login")
		wrong := noRedis
		if errors.Is(err, errStore) {
			wrong = noUsers
		}
		tellToWait(w, time.Second)
		if isBrowser(r) {
			d.page(w, http.StatusServiceUnavailable, page{Path: "/login", Next: asked(r), Wrong: wrong})
		} else {
			writeProblem(w, http.StatusServiceUnavailable, wrong)
		}
	case who != nil:
		return who, carried.ID
	case d.refusesNamed(w, r):
	case isBrowser(r):
		http.Redirect(w, r, "/login?next="+url.QueryEscape(asked(r)), http.StatusSeeOther)
	default:
		writeUnauthorized(w, "this wants heyq's operator token, or a user's key")
	}
	return nil, ""
}

// admitsBearer returns who shows a token or a key; nil: it has answered.
func (d *Authenticator) admitsBearer(w http.ResponseWriter, r *http.Request, shown string) any {
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
