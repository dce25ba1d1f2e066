package store

import (
	"context"
	"time"
)

// Endpoint is an address of ours that is registered with HeyGen. HeyGen shows
// its secret once, so it is kept here or lost.
type Endpoint struct {
	ID        string // HeyGen's
	URL       string
	Secret    string // signs what HeyGen delivers there
	CreatedAt time.Time
}

// Endpoints are the webhooks that this heyq registered with HeyGen.
type Endpoints interface {
	// Endpoints returns all of them, the oldest first.
	Endpoints(ctx context.Context) ([]Endpoint, error)
	// SaveEndpoint adds one, or replaces the one with its id. The time is the
	// store's.
	SaveEndpoint(ctx context.Context, e Endpoint) error
	// DropEndpoint forgets one; one that is not there is forgotten already.
	DropEndpoint(ctx context.Context, id string) error
}
