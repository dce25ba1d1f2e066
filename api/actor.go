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

// actorOf is who asked, for what is written down of it.
func actorOf(ctx context.Context) store.Actor {
	by := store.Actor{Who: defaultActor, RequestID: visitOf(ctx).id}
	if who, ok := ctx.Value(actorKey{}).(string); ok && who != "" {
		by.Who = who
	}
	return by
}
