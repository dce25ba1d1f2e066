package store

import (
	"context"
	"math"
)

// Turn is what one user may have of the render slots, and has of them now. Users take
// turns within a priority: one who has ten thousand videos waiting does not delay
// another's one.
type Turn struct {
	UserID string
	Weight float64 // how many turns the user gets for one of a user of weight 1; in hundredths
	Slots  int     // the most slots that the user's videos may hold at once; 0: as many as there are

	Waiting int // videos that wait for their time, for admission or for a slot
	Held    int // slots that the user's videos hold
}

// UsualWeight is the weight of a user for whom none was set. LeastWeight and
// MostWeight bound what may be set.
const (
	UsualWeight = 1
	LeastWeight = 0.01
	MostWeight  = 100
)

// RoundWeight is the weight that is kept instead of one with more than two decimals.
func RoundWeight(weight float64) float64 { return math.Round(weight*100) / 100 }

// Turns is who gets how much of the slots.
type Turns interface {
	// Turns returns, by user, those for whom something was set, who wait, or who hold
	// slots.
	Turns(ctx context.Context) ([]Turn, error)
	// SetTurn sets the weight and the slots of a user, and returns how it stands then.
	// They are those that the next slot is given by, also to what waits already.
	SetTurn(ctx context.Context, t Turn) (Turn, error)
}
