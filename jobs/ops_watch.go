package jobs

import "time"

// OpsWatch looks whether all is well, and tells people where it is not. The next
// one comes within a minute, so that a second try is of no use.
var OpsWatch = Kind[Scheduled]{
	Name:    "ops:watch",
	Queue:   WatchQueue,
	Group:   1,
	Timeout: time.Minute,
	Retries: 0,
}
