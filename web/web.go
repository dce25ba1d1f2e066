package web

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"heyq/internal/auth"
	"heyq/jobs"
	"heyq/people"
	"heyq/store"
	"heyq/wire"
)

// Store is what the pages read of the store.
type Store interface {
	Video(ctx context.Context, w store.Viewer, id uuid.UUID) (store.Video, error)
	Videos(ctx context.Context, w store.Viewer, f store.Filter, p store.Page) (list []store.Video, total int, err error)
}

// Options are what the pages work on. All but Limits, Caller, Outlook, Simulated, PublicURL, Logger and
// Now are required.
type Options struct {
	Client    *jobs.Client
	Users     *people.Users
	Keys      *people.Keys
	Passwords *people.Passwords
	Logins    *auth.Logins
	Store     Store
	Limits    *people.Limits // of requests, which pages are; nil: there are none

	Caller    func(context.Context) people.Caller // who sends a request; nil: the owner
	Outlook   func(store.Video) wire.Outlook      // how far a video is; nil: that is not known
	Price     float64                             // US dollars for a second of video, for estimates
	Simulated bool                                // HeyGen is the simulator, and nothing costs money
	PublicURL string                              // where heyq is reached; empty: as the browser reached it
	Logger    zerolog.Logger                      // one line with the cause if a page fails
	Now       func() time.Time                    // default time.Now
}

// Face serves the pages. It is safe for concurrent use.
type Face struct {
	Options
	mux *http.ServeMux
}

// New returns the pages. They are to stand behind the authentication, and behind
// http.CrossOriginProtection, which keeps other sites from sending their forms.
func New(o Options) *Face {
	if o.Caller == nil {
		o.Caller = func(context.Context) people.Caller { return people.Owner() }
	}
	if o.Outlook == nil {
		o.Outlook = func(store.Video) wire.Outlook { return wire.Outlook{} }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	f := &Face{o, http.NewServeMux()}
	f.routes()
	return f
}

// Route names the route that answers a request; empty: it is for no page.
func (f *Face) Route(r *http.Request) string {
	_, route := f.mux.Handler(r)
	return route
}

// ServeHTTP answers a request that Route has a name for.
func (f *Face) ServeHTTP(w http.ResponseWriter, r *http.Request) { f.mux.ServeHTTP(w, r) }
