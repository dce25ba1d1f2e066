package api

import (
	"cmp"
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/google/uuid"
	"github.com/rs/zerolog"
	"golang.org/x/sync/semaphore"

	"heyq/internal/auth"
	"heyq/internal/build"
	"heyq/internal/filelink"
	"heyq/internal/heygenhook"
	"heyq/internal/logs"
	"heyq/internal/trace"
	"heyq/jobs"
	"heyq/live"
	"heyq/media"
	"heyq/operate"
	"heyq/operate/health"
	"heyq/people"
	"heyq/store"
	"heyq/wire"
)

// Store is what the API reads of the store, and the gate it opens and closes.
// Everything that changes a video goes through jobs.Client.
type Store interface {
	Video(ctx context.Context, w store.Viewer, id uuid.UUID) (store.Video, error)
	VideosByID(ctx context.Context, w store.Viewer, ids []uuid.UUID) ([]store.Video, error)
	Videos(ctx context.Context, w store.Viewer, f store.Filter, p store.Page) (list []store.Video, total int, err error)
	store.Shares
	store.Gate
	store.Turns
	Alerts(ctx context.Context, n int) (active, ended []store.Alert, err error)
}

// Files opens published files by their key, and verifies them. *media.Library is one.
type Files interface {
	Open(ctx context.Context, key string) (*media.Object, error)
	Verify(ctx context.Context, prefix string, bytes int64, sha256 string) error
}

// Options are what the API works on. All but Limits, Live, Apart, Checks, Build, Guard, Caller,
// Again, Mounts, Pages, PublicURL, FileLinks, Deliveries, Now, Logger and Tracer are required.
type Options struct {
	Client *jobs.Client
	Users  *people.Users
	Keys   *people.Keys
	Limits *people.Limits // nil: there are none
	Tasks  Tasks

	Passwords *people.Passwords
	Logins    *auth.Logins // of browsers
	PublicURL string       // where browsers find this heyq; empty: where a request found it

	Store   Store
	Files   Files
	Renders Renders
	Jobs    *operate.Jobs
	Queues  Queues
	Live    *live.Feed     // what becomes of videos; nil: it is not told live
	Checks  []health.Check // what /readyz asks, each within its own two seconds
	Build   build.Info     // which heyq this is
	Logger  zerolog.Logger // one line a request: debug, or info with the cause for a 5xx
	Tracer  *trace.Tracer  // one span a request; nil: nothing is traced

	LogLevel *logs.Level // what /v1/log shows and changes; nil: it cannot be changed

	Guard  func(http.Handler) http.Handler     // the authentication around all of it; nil: every client may come in
	Caller func(context.Context) people.Caller // who sends a request that Guard let through; nil: the owner
	Mounts map[string]http.Handler             // what else is served to operators, by pattern
	Pages  Pages                               // what people see with a browser; nil: nothing

	// Again asks anew who sends a request that goes on for long; nil: it is who it was. An
	// error says that it cannot be told now.
	Again func(context.Context) (people.Caller, error)
	// Apart gives a request that goes on for long a place of its own; nil: there is always
	// one. It returns false if there is none.
	Apart func(*http.Request) bool
	Beat  time.Duration // after so long a silent stream of events shows that it lives; default 15 s

	Schedule   Schedule            // the scheduled jobs
	Alerts     Alerts              // where they go
	Endpoints  Endpoints           // where HeyGen delivers
	Keyring    *heygenhook.Keyring // the secrets that HeyGen signs deliveries with
	Links      *heygenhook.Links   // the addresses where HeyGen delivers without signing
	FileLinks  *filelink.Links     // of files, that receivers of notifications have; nil: none works
	Word       string              // the installation's, in the address that it registered
	Deliveries *Deliveries         // counts what is delivered; nil: nothing does
	Stats      Statistics          // of operations; nil: they are switched off
	Metrics    http.Handler        // answers Prometheus at /metrics; nil: nothing does
	Now        func() time.Time    // the wall clock that deliveries are dated against; default time.Now
	Patience   time.Duration       // how long a delivery's answer waits for its hint to be written; default 25 ms
}

// server answers the operations.
type server struct {
	client *jobs.Client
	users  *people.Users
	keys   *people.Keys
	limits *people.Limits
	tasks  Tasks

	passwords *people.Passwords
	logins    *auth.Logins
	publicURL string

	store    Store
	files    Files
	renders  Renders
	jobs     *operate.Jobs
	queues   Queues
	hooks    Endpoints
	schedule Schedule
	alerts   Alerts
	isReady  func(context.Context) wire.Readiness
	build    build.Info
	stats    Statistics
	live     *live.Feed
	again    func(context.Context) (people.Caller, error)
	apart    func(*http.Request) bool
	beat     time.Duration
	links    *filelink.Links
	now      func() time.Time
	log      zerolog.Logger
	logs     *logs.Level
	huma     huma.API
	rest     huma.Registry       // of batchRest, which is no part of the documentation
	batches  *semaphore.Weighted // batches that are in memory
	lookups  *semaphore.Weighted // questions to HeyGen that are under way
}

// New returns the API. Timeouts are the http.Server's business; only files and streams of
// events lift them, since a download may take long, and a stream does not end.
func New(o Options) http.Handler {
	if o.Deliveries == nil {
		o.Deliveries = &Deliveries{}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Caller == nil {
		o.Caller = func(context.Context) people.Caller { return people.Owner() }
	}
	if o.Again == nil {
		o.Again = func(ctx context.Context) (people.Caller, error) { return o.Caller(ctx), nil }
	}
	if o.Apart == nil {
		o.Apart = func(*http.Request) bool { return true }
	}
	if o.Beat == 0 {
		o.Beat = heartbeat
	}
	if o.Patience == 0 {
		o.Patience = hintPatience
	}
	mux := http.NewServeMux()
	s := &server{
		client: o.Client,
		users:  o.Users,
		keys:   o.Keys,
		limits: o.Limits,
		tasks:  o.Tasks,

		passwords: o.Passwords,
		logins:    o.Logins,
		publicURL: o.PublicURL,

		store:    o.Store,
		files:    o.Files,
		renders:  o.Renders,
		jobs:     o.Jobs,
		queues:   o.Queues,
		hooks:    o.Endpoints,
		isReady:  readiness(o.Checks, func(ctx context.Context) bool { return o.Caller(ctx).May(people.Operate) }),
		build:    o.Build,
		log:      o.Logger,
		logs:     o.LogLevel,
		stats:    o.Stats,
		live:     o.Live,
		again:    o.Again,
		apart:    o.Apart,
		beat:     o.Beat,
		links:    o.FileLinks,
		now:      o.Now,
		schedule: o.Schedule,
		alerts:   o.Alerts,
		rest:     huma.NewMapRegistry("#/", huma.DefaultSchemaNamer),
		batches:  semaphore.NewWeighted(batchesAtOnce),
		lookups:  semaphore.NewWeighted(lookupsAtOnce),
		huma:     humago.New(mux, config(cmp.Or(o.Build.Version, "dev"))),
	}
	s.huma.UseMiddleware(s.strictQuery)
	s.rest.Schema(reflect.TypeFor[batchRest](), false, "") // written to once, and then only read
	s.routes()
	inWordsToo(s.schemas())
	nullable(s.schemas())
	newReceiver(o).routes(mux)
	if o.Metrics != nil {
		mux.Handle("GET /metrics", only(people.Operate, o.Metrics))
	}
	serveDocs(mux, s.huma.OpenAPI())
	mux.Handle("GET /{$}", home(o.Pages))
	for pattern, handler := range o.Mounts {
		mux.Handle(pattern, only(people.Operate, keyless(handler)))
	}
	return Chain(o.Logger, o.Guard, traced(o.Tracer, legible(identified(o.Caller, known(mux, o.Pages)))))
}

// config is huma without what heyq serves itself (the documentation) and
// without links to schemas in every answer.
func config(version string) huma.Config {
	c := huma.DefaultConfig("heyq", version)
	c.OpenAPIPath, c.DocsPath, c.SchemasPath, c.CreateHooks = "", "", "", nil
	c.RejectUnknownQueryParameters = true
	c.Transformers = []huma.Transformer{reword}
	c.Info.Description = about
	c.Tags = tags
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{scheme: {
		Type: "http", Scheme: "bearer",
		Description: "The operator token, which may do everything: `HEYQ_OPERATOR_TOKEN`, or the content of `operator-token` in heyq's data folder. Or a user's key, which may do what its scopes say",
	}}
	return c
}
