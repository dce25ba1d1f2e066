package dashboard

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/hibiken/asynq"
	"github.com/hibiken/asynqmon"
	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"heyq/operate"
	"heyq/store"
)

// Path is where a dashboard is served, and everything that belongs to it.
const Path = "/monitoring"

// Options are what a dashboard works on. All but Queues, ReadOnly and Log are
// required.
type Options struct {
	Redis       redis.UniversalClient // of asynq's queues; the caller closes it
	DeadLetters *operate.DeadLetters
	Actor       func(*http.Request) store.Actor // who asks
	ReadOnly    bool                            // shows only
	Log         zerolog.Logger                  // why something was not done

	// Queues pauses and resumes heyq's queues. nil: asynqmon does, which
	// lets creates begin that a worker has fetched.
	Queues *operate.Queues
}

// New returns the handler of Path and all that is below it.
func New(o Options) http.Handler {
	pages := asynqmon.New(asynqmon.Options{
		RootPath:         Path,
		RedisConnOpt:     connected{o.Redis},
		PayloadFormatter: asynqmon.PayloadFormatterFunc(operate.Describe),
		ResultFormatter:  asynqmon.ResultFormatterFunc(size),
		ReadOnly:         o.ReadOnly,
	})
	if o.ReadOnly {
		return dressed(pages)
	}
	tasks := &runs{letters: o.DeadLetters, actor: o.Actor, log: o.Log, next: pages}
	if o.Queues == nil {
		return dressed(tasks)
	}
	return dressed(&switches{queues: o.Queues, refuse: tasks.refuse, next: tasks})
}

// connected lends asynqmon a client, which it must not close: we never call its
// Close.
type connected struct{ client redis.UniversalClient }

// MakeRedisClient implements asynq.RedisConnOpt.
func (c connected) MakeRedisClient() any { return c.client }

var _ asynq.RedisConnOpt = connected{}

// size is all that is shown of a result. heyq's tasks have none.
func size(_ string, result []byte) string {
	if len(result) == 0 {
		return ""
	}
	return fmt.Sprintf("%d bytes", len(result))
}

// policy lets the pages load from this server and nowhere else. asynqmon's page
// would fetch fonts from Google's, and does as well without; it starts by inline
// scripts and sets styles inline.
const policy = "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; " +
	"img-src 'self' data:; manifest-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// dressed adds the headers that asynqmon leaves out. The name of a static file holds a
// hash of its content, so a browser may keep it.
func dressed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		switch {
		case strings.HasPrefix(r.URL.Path, Path+"/static/"):
			h.Set("Cache-Control", "private, max-age=31536000, immutable")
		case strings.HasPrefix(r.URL.Path, Path+"/api/"):
			h.Set("Content-Type", "application/json")
		}
		next.ServeHTTP(w, r)
	})
}
