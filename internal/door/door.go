package door

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"
)

// Options are what a Door is made of. Token is required.
type Options struct {
	Token    string                // what the operator knows
	Open     []string              // patterns, as http.ServeMux takes them, that need no token
	Sessions redis.UniversalClient // where the sessions of browsers are; the caller closes it
	Home     string                // path to which a login leads where nobody asked for another; default /
	Secure   bool                  // browsers come by https, though the last step to here may not be
	Logger   zerolog.Logger        // one line where an address is refused for a while
	Now      func() time.Time      // default time.Now
}

// Door decides who comes in. It is safe for concurrent use.
type Door struct {
	token    token
	open     []string
	sessions sessions
	failures *failures
	home     string
	secure   bool
	log      zerolog.Logger
	now      func() time.Time
}

// New returns a door.
func New(o Options) *Door {
	if o.Home == "" {
		o.Home = "/"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Door{
		token: newToken(o.Token), open: o.Open, home: o.Home, secure: o.Secure, log: o.Logger, now: o.Now,
		sessions: sessions{o.Sessions, []byte(o.Token)}, failures: newFailures(),
	}
}

// Guard puts the door around next.
func (d *Door) Guard(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	for _, pattern := range d.open {
		mux.Handle(pattern, next)
	}
	mux.HandleFunc("GET /login", d.showLogin)
	mux.HandleFunc("POST /login", d.login)
	mux.HandleFunc("GET /logout", d.showLogout)
	mux.HandleFunc("POST /logout", d.logout)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if d.admits(w, r) {
			next.ServeHTTP(w, r)
		}
	})
	return mux
}

// admits reports whether the request may pass; if not, it has answered.
func (d *Door) admits(w http.ResponseWriter, r *http.Request) bool {
	if shown, ok := bearer(r); ok {
		right, wait := d.try(r, shown)
		switch {
		case wait > 0:
			tellToWait(w, wait)
			writeProblem(w, http.StatusTooManyRequests, tooMany)
		case !right:
			writeUnauthorized(w, "the token is not heyq's operator token")
		}
		return right && wait == 0
	}
	known, err := d.sessions.known(r)
	switch {
	case known:
		return true
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
		writeUnauthorized(w, "this wants heyq's operator token")
	}
	return false
}

// try compares a token. A wait above zero says that the address has shown too
// many wrong ones, and that this one does not count, right or wrong.
func (d *Door) try(r *http.Request, shown string) (right bool, wait time.Duration) {
	right = d.token.is(shown)
	address := addressOf(r)
	wait, last := d.failures.judge(address, right, d.now())
	if last {
		d.log.Warn().Stringer("address", address).Msg("ten wrong operator tokens within a minute: others from this address wait")
	}
	return right, wait
}

// bearer returns the token that a program shows.
func bearer(r *http.Request) (token string, ok bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(token), strings.EqualFold(scheme, "Bearer")
}

// isBrowser reports whether somebody looks at the answer.
func isBrowser(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }

// asked is what a browser should see after a login: the page that it asked for.
// What it wanted to send is lost.
func asked(r *http.Request) string {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return ""
	}
	return r.URL.RequestURI()
}
