package store

import "time"

// Migration is one step of the schema.
type Migration struct {
	Name    string
	Applied bool
	At      time.Time // zero: not applied, or not known
}
