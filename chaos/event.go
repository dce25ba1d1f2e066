package chaos

import "time"

// Event is something that is worth telling while it happens.
type Event struct {
	At     time.Duration // since the start of the script
	Kind   EventKind
	Fault  *Strike        // of FaultBegins and FaultEnds
	Counts map[string]int // of Progress: videos by state
	Text   string         // of Note
}

// EventKind says what an Event is.
type EventKind int

// The kinds of events.
const (
	Note EventKind = iota
	FaultBegins
	FaultEnds
	Progress
)
