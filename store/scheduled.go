package store

import "time"

// ScheduledRun is the last run of a scheduled job, as the database's clock saw it.
type ScheduledRun struct {
	Name        string
	Run         int64 // how often it has begun
	StartedAt   time.Time
	Duration    time.Duration // until its end, or until now while it runs
	Outcome     RunOutcome
	Result      string    // what it did, such as "removed 12 videos"; empty: nothing
	Error       string    // why it failed; empty unless it did
	SucceededAt time.Time // when a run last succeeded; zero: none ever has
}

// RunOutcome is what came of a run of a scheduled job.
type RunOutcome string

// The outcomes.
const (
	RunRunning     RunOutcome = "running"     // none yet; its process may have died
	RunSucceeded   RunOutcome = "succeeded"   //
	RunFailed      RunOutcome = "failed"      //
	RunInterrupted RunOutcome = "interrupted" // its process was told to stop; what is left is done by the next run
)

// ScheduledEnd is how a run came out.
type ScheduledEnd struct {
	Name    string
	Run     int64
	Outcome RunOutcome // anything but RunRunning
	Result  string
	Error   string
}
