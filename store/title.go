package store

import (
	"context"
	"time"
)

// TitleSeen is a render whose title HeyGen gave back whole, as heyq had written
// it. The zero value says that one did not come back so.
type TitleSeen struct {
	HeyGenID string `json:"heygen_id"`
	Title    string `json:"title"`
}

// Titles is what is known of the titles at HeyGen, by the place where renders are
// made: a template may have a title of its own.
type Titles interface {
	// SawTitle remembers what was seen last of a place.
	SawTitle(ctx context.Context, place string, seen TitleSeen) error
	// TitleSeen returns what was seen last of a place. ok is false if nothing was
	// within age, or if that title did not come back whole.
	TitleSeen(ctx context.Context, place string, age time.Duration) (seen TitleSeen, ok bool, err error)
}
