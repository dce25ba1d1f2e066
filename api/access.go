package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyq/people"
	"heyq/store"
)

// scheme names the way in, in the documentation.
const scheme = "key"

// protect has an operation answer those alone who have its scope, and says so in the
// documentation.
func (s *server) protect(op *huma.Operation, scope people.Scope) {
	if scope == people.Open {
		op.Security = []map[string][]string{}
		return
	}
	op.Security = []map[string][]string{{scheme: {string(scope)}}}
	op.Errors = append(op.Errors, http.StatusForbidden, http.StatusTooManyRequests)
	check := func(ctx huma.Context, next func(huma.Context)) {
		if err := callerOf(ctx.Context()).Refusal(scope); err != nil {
			_ = huma.WriteErr(s.huma, ctx, http.StatusForbidden, err.Message+"; "+err.Hint)
			return
		}
		next(ctx)
	}
	op.Middlewares = append(huma.Middlewares{check, s.limited(op)}, op.Middlewares...)
}

// only protects what is no operation.
func only(scope people.Scope, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := callerOf(r.Context()).Refusal(scope); err != nil {
			writeProblem(w, newProblem(http.StatusForbidden, err.Message, err.Hint))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// keyless refuses who shows a key, whose scopes what is behind it does not ask.
func keyless(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if callerOf(r.Context()).Scopes != nil {
			writeProblem(w, newProblem(http.StatusForbidden, "a key does not open the dashboard", "log in with a browser, or show the operator token"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

type callerKey struct{}

// identified names the caller of each request.
func identified(who func(context.Context) people.Caller, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, who(r.Context()))))
	})
}

// callerOf returns who sent the request.
func callerOf(ctx context.Context) people.Caller {
	c, _ := ctx.Value(callerKey{}).(people.Caller)
	return c
}

// viewerOf says whose videos the request may see.
func viewerOf(ctx context.Context) store.Viewer { return callerOf(ctx).Viewer() }

// actorOf returns who sent the request, for the record of what it changes.
func actorOf(ctx context.Context) store.Actor {
	return store.Actor{Who: callerOf(ctx).Name, RequestID: visitOf(ctx).id}
}
