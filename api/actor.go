package api

import (
	"context"
	"net/http"

	"heyq/store"
)

// defaultActor stands for the holder of the operator's token.
const defaultActor = "operator"

type actorKey struct{}

// As says who sends a request, as the one who lets it in knows.
func As(r *http.Request, who string) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), actorKey{}, who))
}

// actorOf returns who sent the request, for the record of what it changes.
func actorOf(ctx context.Context) store.Actor {
	by := store.Actor{Who: defaultActor, RequestID: visitOf(ctx).id}
	if who, ok := ctx.Value(actorKey{}).(string); ok && who != "" {
		by.Who = who
	}
	return by
}
