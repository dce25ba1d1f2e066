package config

import (
	"path/filepath"
	"strings"
	"time"

	"github.com/rs/zerolog"
)

// Config is everything that can be set from outside. What Load returns has
// been checked: every duration and every limit is above zero, but for those of
// Retention that are not set.
type Config struct {
	Store     Store
	Redis     Redis
	HeyGen    HeyGen
	HTTP      HTTP
	Dashboard Dashboard
	Media     Media
	Notify    Notify
	Alert     Alert
	Queues    Queues
	Policy    Policy
	Retention Retention
	Protocol  Protocol
	Log       Log
	Stats     Stats
	Tracing   Tracing
}

// Store is where heyq keeps what it knows.
type Store struct {
	Dir         string    `env:"HEYQ_DIR" envDefault:"./heyq-data" desc:"Folder for everything that heyq keeps on this machine: the SQLite database, the media, the spool of downloads, the simulator's state."`
	Schema      string    `env:"HEYQ_SCHEMA" envDefault:"heyq" desc:"Schema of the database in which heyq keeps its tables. It makes one that does not exist, and an application may use the others."`
	Connections int       `env:"HEYQ_DATABASE_CONNECTIONS" envDefault:"12" desc:"Connections to Postgres that a process holds at most. Its handlers share statements, so a few are enough whatever the concurrency; 4 is the least."`
	DatabaseURL SecretURL `env:"DATABASE_URL" desc:"Postgres, as postgres://user:password@host:5432/database. Without it heyq keeps an SQLite database in HEYQ_DIR. Needs REDIS_URL."`
}

// Redis carries what is about to run; nothing is lost with it.
type Redis struct {
	URL    SecretURL   `env:"REDIS_URL" desc:"Redis 7 or later with maxmemory-policy noeviction, as redis://[user:password@]host:6379[/db], redis-socket:///path?db=0, redis-sentinel://[user:password@]host:26379,host:26379[/db]?master=name or redis-cluster://[user:password@]host:6379,host:6379; with rediss in place of redis over TLS. docs/operations.md has the whole grammar. Without it heyq runs a Redis inside its own process."`
	Prefix string      `env:"HEYQ_QUEUE_PREFIX" desc:"A word before all names in Redis (queues, sessions, figures), for several heyq that share one: a cluster has only one database. Set the same for every role. Letters, digits, - and _."`
	Target RedisTarget `env:"-"` // URL taken apart; zero if URL is not set
}

// HeyGen is the API that renders.
type HeyGen struct {
	APIKey         Secret  `env:"HEYGEN_API_KEY" desc:"Key of the HeyGen account that pays. Without it heyq uses the simulator, which costs nothing; beside DATABASE_URL only if HEYQ_SIMULATOR says so."`
	Simulator      bool    `env:"HEYQ_SIMULATOR" envDefault:"false" desc:"Use the simulator, which costs nothing, instead of HeyGen, although DATABASE_URL is set. Each process has one of its own, so it suits a single process: for several, run heyq simulator and set HEYGEN_API_URL."`
	URL            string  `env:"HEYGEN_API_URL" envDefault:"https://api.heygen.com" desc:"Where HeyGen's API is. Point it to a simulator to try things."`
	Slots          int     `env:"HEYGEN_CONCURRENCY" envDefault:"10" desc:"Renders in flight at HeyGen at once, over all processes. 10 is the cap of a pay-as-you-go account."`
	WebhookSecret  Secret  `env:"HEYQ_HEYGEN_WEBHOOK_SECRET" desc:"Secret of a webhook endpoint that was registered with HeyGen by hand. heyq knows those of the endpoints that it registered itself."`
	PricePerSecond float64 `env:"HEYQ_PRICE_PER_SECOND" envDefault:"0.0667" desc:"US dollars for a second of video, for estimates and analytics; nothing is charged by it. The default is HeyGen's price of a digital twin or studio avatar at 720p or 1080p; a photo avatar is 0.05."`
}

// HTTP is how heyq is reached, and how its commands reach it.
type HTTP struct {
	Addr string `env:"HEYQ_ADDR" desc:"Address to listen on, as host:port. Without it heyq listens on 127.0.0.1:8080, or on every interface at PORT if that is set."`
	Port int    `env:"PORT" desc:"Port to listen on, as hosting platforms set it. HEYQ_ADDR wins over it."`
	URL  string `env:"HEYQ_URL" envDefault:"http://127.0.0.1:8080" desc:"Where the commands that talk to a running heyq (videos, jobs, queues, doctor, ready and the like) find its API; ready finds a process without the API at its HEYQ_METRICS_ADDR."`

	Key            Secret   `env:"HEYQ_KEY" desc:"A user's key, which the commands show to HEYQ_URL instead of the operator token."`
	OperatorToken  Secret   `env:"HEYQ_OPERATOR_TOKEN" desc:"What lets an operator in: at least 24 characters without spaces, in each request as Authorization: Bearer, or once on the login page. Without it heyq makes one, which the API keeps in HEYQ_DIR as operator-token; with DATABASE_URL it is the same for all processes, from the database. Commands take it from there for the heyq that runs with the same HEYQ_DIR; to any other they show only one that is set here."`
	TrustedProxies Networks `env:"HEYQ_TRUSTED_PROXIES" desc:"Addresses of the proxies in front of heyq, as 10.0.0.0/8,192.0.2.7. What they say of a request in X-Forwarded-For and X-Forwarded-Proto is believed, and of no other client. Without it each proxy counts as one client, for wrong tokens and for connections."`
	TrustedHeader  string   `env:"HEYQ_TRUSTED_HEADER" desc:"Header in which those proxies name who a browser has logged in as, such as X-Forwarded-Email: the e-mail of an active user, who then needs no login here. The proxies must remove what their clients send in it. Needs HEYQ_TRUSTED_PROXIES; of any other client it is ignored."`
	MetricsAddr    string   `env:"HEYQ_METRICS_ADDR" desc:"Address, as host:port, where a process without the API answers /healthz and /readyz, and /metrics to who shows the operator token. Without it there is none. Processes on one machine need one each."`

	PublicURL string `env:"HEYQ_PUBLIC_URL" desc:"Where HeyGen reaches this heyq, as https://host. With it heyq registers its webhook with HeyGen, and polls renders seldom while those arrive; set it for every role. http:// is taken on this machine only."`
}

// Dashboard shows the queues to people: asynqmon, at /monitoring.
type Dashboard struct {
	Addr     string `env:"HEYQ_DASHBOARD_ADDR" envDefault:"127.0.0.1:8081" desc:"Address that heyq dashboard listens on, as host:port. Only that command does; heyq api and heyq up have the dashboard at HEYQ_ADDR."`
	ReadOnly bool   `env:"HEYQ_DASHBOARD_READ_ONLY" envDefault:"false" desc:"The dashboard only shows the queues, and neither pauses nor runs nor deletes anything."`
}

// Media is where finished videos go.
type Media struct {
	URL      string `env:"HEYQ_MEDIA_URL" desc:"Where finished videos are kept: file:///an/absolute/folder or s3://bucket?region=eu-central-1. Without it they go to the folder media in HEYQ_DIR."`
	MaxBytes Bytes  `env:"HEYQ_MAX_VIDEO_BYTES" envDefault:"4GiB" desc:"A download that grows beyond this size is given up."`

	Stall time.Duration `env:"HEYQ_DOWNLOAD_STALL" envDefault:"30s" hidden:"true" desc:"How long each 64 KiB of a download may take, so that a test can hold downloads for as long as its machine needs."`
}

// Notify is how others are told what became of their videos.
type Notify struct {
	URL          string `env:"HEYQ_NOTIFY_URL" desc:"Who is told when a video has ended, unless it names its own notify_url: an https URL that takes a signed POST. docs/webhooks.md says how to verify it."`
	Secret       Secret `env:"HEYQ_NOTIFY_SECRET" desc:"What signs notifications: whsec_ and the base64 of 24 to 64 random bytes; two of them, with a space between, while one replaces the other. Without it, and without DATABASE_URL, heyq makes one and keeps it in HEYQ_DIR as notify-secret."`
	AllowPrivate bool   `env:"HEYQ_NOTIFY_ALLOW_PRIVATE" envDefault:"false" desc:"Also notify receivers in private networks and on this machine, and over http."`
}

// Queues says how much a process does at once, and how long and how often it tries.
// Each Concurrency bounds the outside calls of a kind that are in flight in one
// process; a create's timeout is in Protocol.
type Queues struct {
	Window           int           `env:"HEYQ_WINDOW" envDefault:"1000" desc:"Videos pending in Redis for each queue, at most. The backlog itself stays in the database."`
	Create           int           `env:"HEYQ_CREATE_CONCURRENCY" envDefault:"20" desc:"Creates in flight in a process."`
	CreateAttempts   int           `env:"HEYQ_CREATE_ATTEMPTS" envDefault:"8" desc:"Creates of a video without a clear answer, all under one key, after which heyq searches for the render instead of sending again. Each may take HEYQ_CREATE_TIMEOUT."`
	Poll             int           `env:"HEYQ_POLL_CONCURRENCY" envDefault:"4" desc:"Status calls in flight in a process; each asks for up to 100 videos."`
	PollTimeout      time.Duration `env:"HEYQ_POLL_TIMEOUT" envDefault:"1m" desc:"How long such a poll may take, the calls about single videos included; 10m at most. It is tried again until the deadlines of the render."`
	Download         int           `env:"HEYQ_DOWNLOAD_CONCURRENCY" envDefault:"16" desc:"Downloads in flight in a process."`
	DownloadTimeout  time.Duration `env:"HEYQ_DOWNLOAD_TIMEOUT" envDefault:"1h" desc:"How long an attempt at a download may take, until the file is published. The next one begins with the first byte."`
	DownloadAttempts int           `env:"HEYQ_DOWNLOAD_ATTEMPTS" envDefault:"18" desc:"Attempts at a download until the video fails: an hour and a half with the default, if each fails at once. A retry after that pays nothing."`
	Analytics        int           `env:"HEYQ_ANALYTICS_CONCURRENCY" envDefault:"4" desc:"Files being measured in a process."`
	Notify           int           `env:"HEYQ_NOTIFY_CONCURRENCY" envDefault:"16" desc:"Outgoing webhooks in flight in a process."`
	Maintenance      int           `env:"HEYQ_MAINTENANCE_CONCURRENCY" envDefault:"1" desc:"Scheduled jobs running in a process."`
}

// mostPollTimeout keeps a poll within the time that asynq gives its task.
const mostPollTimeout = 10 * time.Minute

// Protocol holds the durations of the row protocol, which docs/architecture.md
// explains. The defaults are safe; a shorter one is warned about if it
// could cost money or a video.
type Protocol struct {
	PollInterval    time.Duration `env:"HEYQ_POLL_INTERVAL" envDefault:"5s" desc:"Time between two polls of a render. If the simulator runs inside, the default is 250ms."`
	PollIntervalSet bool          `env:"-"` // PollInterval was chosen
	Lease           time.Duration `env:"HEYQ_LEASE" envDefault:"20s" desc:"How long a worker that says nothing keeps a video. It renews after a quarter, and sends a create only within three quarters."`
	Redispatch      time.Duration `env:"HEYQ_REDISPATCH" envDefault:"2m" desc:"After this a task that no worker began is sent again."`
	Grace           time.Duration `env:"HEYQ_GRACE" envDefault:"30m" desc:"How long after the last send a render may still turn up in HeyGen's list. Until then heyq does not believe that there is none."`
	KeyLifetime     time.Duration `env:"HEYQ_KEY_LIFETIME" envDefault:"23h" desc:"Age after which an Idempotency-Key is never sent again. HeyGen remembers keys for 24 hours."`
	RenderTimeout   time.Duration `env:"HEYQ_RENDER_TIMEOUT" envDefault:"2h" desc:"A render that takes longer fails as render_timeout. It is revived if HeyGen finishes it after all."`
	SlotWriteoff    time.Duration `env:"HEYQ_SLOT_WRITEOFF" envDefault:"24h" desc:"How long after its timeout a render that HeyGen never ends keeps its slot."`
	SearchTimeout   time.Duration `env:"HEYQ_SEARCH_TIMEOUT" envDefault:"24h" desc:"How long heyq searches for a render whose create is unclear before it gives the video to a person, as needs_review."`
	SearchInterval  time.Duration `env:"HEYQ_SEARCH_INTERVAL" envDefault:"60s" desc:"Time between two searches for a render whose create is unclear."`
	CreateTimeout   time.Duration `env:"HEYQ_CREATE_TIMEOUT" envDefault:"2m" desc:"How long a create may take to be answered. One in a hundred takes longer than 30s and succeeds all the same. HEYQ_GRACE must be longer than this and HEYQ_LEASE together."`
	NotFoundAfter   time.Duration `env:"HEYQ_NOT_FOUND_AFTER" envDefault:"30m" desc:"How long HeyGen must answer 404 for a render, each time that it is asked, until that is believed. The video fails then, is still watched, and is revived if HeyGen finds it again."`
	ResubmitUnfound bool          `env:"HEYQ_RESUBMIT_UNFOUND" envDefault:"false" desc:"Render anew, and perhaps pay twice, if a create is unclear, its key has expired and HeyGen lists no such render. Otherwise the video becomes needs_review."`
	ClockOffset     Offset        `env:"HEYQ_CLOCK_OFFSET" envDefault:"0s" hidden:"true" desc:"Moves the wall clock that heyq reads, to show that no promise hangs on it."`
}

// Log is what heyq says about itself, on standard error.
type Log struct {
	Level  zerolog.Level `env:"HEYQ_LOG_LEVEL" envDefault:"info" desc:"The least that is logged: trace, debug, info, warn or error."`
	Format string        `env:"HEYQ_LOG_FORMAT" envDefault:"auto" desc:"json, pretty, or auto: pretty on a terminal and JSON elsewhere."`
}

// Tracing says whether, and how, spans are sent to a collector. What else the
// standard names (headers, certificates, timeouts, the sampler, the batches) is
// read by OpenTelemetry's own library, straight from the environment: the one
// exception to the rule that only this package does so.
type Tracing struct {
	Endpoint       string `env:"OTEL_EXPORTER_OTLP_ENDPOINT" desc:"OpenTelemetry collector that heyq sends its traces to, as http://host:4318. Without an endpoint nothing is traced. docs/observability.md says more, also of the other OTEL_ variables."`
	TracesEndpoint string `env:"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" desc:"The same for traces alone, with its path, as http://host:4318/v1/traces."`
	Protocol       string `env:"OTEL_EXPORTER_OTLP_PROTOCOL" envDefault:"http/protobuf" desc:"What the collector speaks: http/protobuf, or grpc (as a rule at port 4317)."`
	Service        string `env:"OTEL_SERVICE_NAME" envDefault:"heyq" desc:"Under which name the traces are shown."`
	Disabled       bool   `env:"OTEL_SDK_DISABLED" envDefault:"false" desc:"Trace nothing, whatever else is set."`
}

// On reports whether heyq is to trace.
func (t Tracing) On() bool { return !t.Disabled && t.Collector() != "" }

// Collector returns where traces are sent; empty: nowhere.
func (t Tracing) Collector() string {
	if t.TracesEndpoint != "" || t.Endpoint == "" {
		return t.TracesEndpoint
	}
	if t.Protocol == "grpc" {
		return t.Endpoint
	}
	return strings.TrimRight(t.Endpoint, "/") + "/v1/traces"
}

// simulatedPollInterval suits renders that take seconds.
const simulatedPollInterval = 250 * time.Millisecond

// ForSimulator returns c as it is if the simulator runs inside: polls are
// frequent and calls not limited, unless they were chosen otherwise.
func (c Config) ForSimulator() Config {
	if !c.Policy.HeyGenRateSet {
		c.Policy.HeyGenRate = Rate{}
	}
	if !c.Protocol.PollIntervalSet {
		c.Protocol.PollInterval = simulatedPollInterval
	}
	return c
}

// MediaURL returns where finished videos are kept, as file:// with an absolute
// path or s3://. It follows Store.Dir if no place was chosen.
func (c Config) MediaURL() (string, error) {
	if c.Media.URL != "" {
		return c.Media.URL, nil
	}
	dir, err := filepath.Abs(filepath.Join(c.Store.Dir, "media"))
	if err != nil {
		return "", err
	}
	return fileURL(dir), nil
}
