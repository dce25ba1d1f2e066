package api

import (
	"context"
	"net/http"

	"heyq/internal/fault"
	"heyq/people"
	"heyq/store"
)

type callerKey struct{}

// callerOf returns who sent the request.
func callerOf(ctx context.Context) people.Caller {
	c, _ := ctx.Value(callerKey{}).(people.Caller)
	return c
}

// actorOf returns who sent the request, for the record of what it changes.
func actorOf(ctx context.Context) store.Actor {
	return store.Actor{Who: callerOf(ctx).Name, RequestID: visitOf(ctx).id}
}

// viewerOf says whose videos the request may see.
func viewerOf(ctx context.Context) store.Viewer { return callerOf(ctx).Viewer() }

// allowed says whether the caller may do what wants a scope.
func allowed(c people.Caller, s people.Scope) error {
	if c.May(s) {
		return nil
	}
	if c.Scopes != nil && (people.Caller{Role: c.Role}).May(s) {
		return fault.New(fault.Forbidden, "the key lacks the scope %s", s).WithHint("make a key that has it")
	}
	return fault.New(fault.Forbidden, "a user with the role %q may not do this", c.Role).WithHint("ask an owner of this heyq to do it, or for another role")
}

// identified names the caller of each request.
func identified(who func(context.Context) people.Caller, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, who(r.Context()))))
	})
}
