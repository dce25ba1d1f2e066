package store

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// Alert is something that was wrong with a heyq, from the round that saw it first
// to the one that saw it no more.
type Alert struct {
	ID          uuid.UUID // version 7, so that ids sort by their beginning
	Rule        string    // such as queue-age; a section of docs/operations.md
	Subject     string    // which of several, such as download; empty: there is only one
	Summary     string    // what is wrong, with its figure, as it was last seen
	Since       time.Time
	EndedAt     time.Time // zero: it is still wrong
	StartSentAt time.Time // zero: not told yet
	EndSentAt   time.Time
	SendError   string // why the last message could not be sent; empty: it was
}

// Active reports whether it is still wrong.
func (a Alert) Active() bool { return a.EndedAt.IsZero() }

// Round is one look at whether all is well. Only one is under way at a time.
type Round struct {
	Number int64           // grows with every round, and fences what is written
	At     time.Time       // by the database's clock
	Memory json.RawMessage // what an earlier round left; {} at first
	Alerts []Alert         // those that are active, or whose end was not told yet; the oldest first
}

// RoundLease is how long a round may take. After it another one begins, and the
// older one writes no more.
const RoundLease = 50 * time.Second

// AlertLife is how long an alert is listed after its end.
const AlertLife = 90 * 24 * time.Hour

// Stuck is the videos that do not move, though nothing keeps them.
type Stuck struct {
	Videos int
	Oldest time.Duration // since the first of them should have moved
	First  []uuid.UUID   // some of them, the longest stuck first
}
