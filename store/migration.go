package store

import "time"

// Migration is one step of the schema.
type Migration struct {
	Name    string
	Applied bool
	At      time.Time // zero: not applied, or not known
}

// Drift is a difference between a schema and the one that the migrations lead to.
type Drift struct {
	What    string // such as "column videos.claim bigint NOT NULL"
	Missing bool   // heyq needs it; otherwise it was added by another hand
}
