package api

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"heyq/internal/filelink"
	"heyq/internal/heygenhook"
	"heyq/internal/logkey"
	"heyq/internal/trace"
)

const requestIDHeader = "X-Request-Id"

// Chain puts the middleware around h. From the outside in: an id and a log
// line, a net under panics, a refusal of what other sites' pages send, the login
// if there is one.
func Chain(log zerolog.Logger, guard func(http.Handler) http.Handler, h http.Handler) http.Handler {
	if guard != nil {
		h = guard(h)
	}
	crossOrigin := http.NewCrossOriginProtection()
	crossOrigin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeProblem(w, newProblem(http.StatusForbidden, "a page of another site sent this request", "send it from a program, or from heyq's own pages"))
	}))
	return logged(log, recovered(crossOrigin.Handler(h)))
}

// visit is what the parts of one request tell each other.
type visit struct {
	id    string
	trace string // id; empty: it is not traced
	route string // that it met
	cause error  // why it is answered with a 5xx
	stack []byte // where it panicked
}

type visitKey struct{}

// visitOf returns the request's visit. Without the middleware the visit is a
// new one that no log line reads.
func visitOf(ctx context.Context) *visit {
	if v, ok := ctx.Value(visitKey{}).(*visit); ok {
		return v
	}
	return &visit{}
}

// RequestID returns the id of the request that ctx belongs to; empty: it has none.
func RequestID(ctx context.Context) string { return visitOf(ctx).id }

// plainID is what a request id from a caller must look like. Any other id is
// replaced by a new one.
var plainID = regexp.MustCompile(`^[A-Za-z0-9._:/-]{1,128}$`)

// logged puts the id of the request into the answer's header, and writes one log
// line about the request: at debug, or at info with the cause if heyq failed.
func logged(log zerolog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{id: r.Header.Get(requestIDHeader)}
		if !plainID.MatchString(v.id) {
			v.id = uuid.NewString()
		}
		w.Header().Set(requestIDHeader, v.id)
		out := &statusWriter{ResponseWriter: w, visit: v, status: http.StatusOK}
		start := time.Now()
		defer func() {
			event := log.Debug()
			if out.status >= http.StatusInternalServerError || v.cause != nil {
				event = log.Info().Err(v.cause)
			}
			if v.stack != nil {
				event.Bytes(logkey.Stack, v.stack)
			}
			if v.trace != "" {
				event.Str(logkey.Trace, v.trace)
			}
			event.Str(logkey.Request, v.id).Str(logkey.Method, r.Method).Str(logkey.Path, shownPath(r)).
				Int(logkey.Status, out.status).Dur(logkey.Duration, time.Since(start)).Msg("request")
		}()
		ctx := trace.WithRequest(r.Context(), v.id) // which the rows remember that it makes
		next.ServeHTTP(out, r.WithContext(context.WithValue(ctx, visitKey{}, v)))
	})
}

// shownPath is a request's path without the token that some carry.
func shownPath(r *http.Request) string {
	for _, secret := range []string{heygenhook.Path, filelink.Path} {
		if strings.HasPrefix(r.URL.Path, secret+"/") {
			return secret + "/..."
		}
	}
	return r.URL.Path
}

// recovered answers a panic with a 500. An answer that had begun is cut off, so
// that no client takes its half for the whole.
func recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			v := visitOf(r.Context())
			v.cause, v.stack = fmt.Errorf("panic: %v", p), debug.Stack()
			if out, ok := w.(*statusWriter); ok && out.written {
				panic(http.ErrAbortHandler)
			}
			writeProblem(w, newProblem(http.StatusInternalServerError, "heyq failed to answer", "its log names the cause beside request id "+v.id))
		}()
		next.ServeHTTP(w, r)
	})
}

// statusWriter remembers the status.
type statusWriter struct {
	http.ResponseWriter
	visit   *visit
	status  int
	written bool
}

func (w *statusWriter) WriteHeader(status int) {
	if !w.written {
		w.status, w.written = status, status >= http.StatusOK
		w.ResponseWriter.WriteHeader(status)
	}
}

func (w *statusWriter) Write(p []byte) (int, error) {
	w.written = true
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
