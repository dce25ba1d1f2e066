package jobs

import "time"

// Scheduled is the payload of a scheduled job. It carries nothing: each job
// goes on from where its last run stopped, which the store remembers.
type Scheduled struct{}

// Validate accepts every payload.
func (Scheduled) Validate() error { return nil }

// The scheduled jobs, what each is for, and how long it may take. What each does
// stands in handlers, in a file of its name.
var (
	// AnalyticsRollup brings the daily totals by user and template up to date.
	AnalyticsRollup = upkeep("analytics:rollup", 10*time.Minute)

	// StoreSweep removes published files that no video points to: what a run left
	// that could not say any more what it had done.
	StoreSweep = upkeep("store:sweep", time.Hour)

	// FilesVerify reads a sample of the published files and compares them with their
	// rows. What is lost is fetched again from HeyGen, which pays nothing.
	FilesVerify = Kind[Scheduled]{Name: "files:verify", Queue: MaintenanceQueue, Group: 1, Timeout: time.Hour, Retries: 1}

	// KeysForget drops idempotency keys of heyq's own API that no client will send
	// again.
	KeysForget = upkeep("keys:forget", 10*time.Minute)

	// NotifyForget drops notifications that ended long ago, with their logs.
	NotifyForget = upkeep("notify:forget", 10*time.Minute)

	// VideosRemove removes what retention no longer keeps: old videos, and the files
	// of those whose files are kept shorter.
	VideosRemove = upkeep("videos:remove", time.Hour)

	// HeyGenDelete deletes HeyGen's copies of videos that were completed long enough
	// ago. It does nothing unless a setting asks for it.
	HeyGenDelete = upkeep("heygen:delete", time.Hour)

	// AuditForget drops the record of what was done to jobs long ago.
	AuditForget = upkeep("audit:forget", 10*time.Minute)

	// OpsWatch looks whether all is well, and tells people if it is not. The next one
	// comes within a minute, so that a second try is of no use.
	OpsWatch = Kind[Scheduled]{Name: "ops:watch", Queue: WatchQueue, Group: 1, Timeout: time.Minute}
)

// upkeep is a scheduled job as most are.
func upkeep(name string, timeout time.Duration) Kind[Scheduled] {
	return Kind[Scheduled]{Name: name, Queue: MaintenanceQueue, Group: 1, Timeout: timeout, Retries: 3}
}

// Entry is one scheduled job.
type Entry struct {
	Kind  Kind[Scheduled]
	Every time.Duration
}

// Schedule lists the scheduled jobs, and how often each runs.
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
