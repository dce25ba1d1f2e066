package jobs

import "time"

// Scheduled is the payload of a scheduled job. It carries nothing: each job
// goes on from where its last run stopped, which the store remembers.
type Scheduled struct{}

// Validate accepts every payload.
func (Scheduled) Validate() error { return nil }

// Entry is one scheduled job.
type Entry struct {
	Kind  Kind[Scheduled]
	Every time.Duration
}

// Schedule lists the scheduled jobs.
var Schedule = []Entry{
	{AnalyticsRollup, 15 * time.Minute},
	{StoreSweep, time.Hour},
	{FilesVerify, 24 * time.Hour},
	{KeysForget, 6 * time.Hour},
	{NotifyForget, 6 * time.Hour},
	{VideosRemove, time.Hour},
	{HeyGenDelete, time.Hour},
	{AuditForget, 6 * time.Hour},
	{OpsWatch, time.Minute},
}

// ScheduledNames are the names of the scheduled jobs.
func ScheduledNames() []string {
	names := make([]string, len(Schedule))
	for i, e := range Schedule {
		names[i] = e.Kind.Name
	}
	return names
}
