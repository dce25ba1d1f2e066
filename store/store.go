package store

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Store is everything heyq keeps. All times come from the database, and every
// method is safe for concurrent use by any number of processes. A database
// that cannot be reached gives a fault.Unavailable.
type Store interface {
	Requests
	Users
	Passwords
	Keys
	Shares
	NotifySecrets
	Machine
	Gate
	Turns
	Limits
	Tasks
	Live
	Analyses
	Endpoints
	Notifications
	Jobs
	Housekeeping
	Alerts
	Titles
	Upkeep
	Identity

	// Ping reports whether the database answers.
	Ping(ctx context.Context) error
	// Close gives the connections back. Only the opener calls it.
	Close() error
}

// Schema is implemented by a store that keeps its tables by migrations.
type Schema interface {
	// Migrate brings the schema up to date and returns what it applied. Any
	// number of processes may call it at once.
	Migrate(ctx context.Context) ([]Migration, error)
	// Migrations lists every migration that this binary knows, oldest first.
	Migrations(ctx context.Context) ([]Migration, error)
	// Drift compares the schema with the one that the migrations lead to.
	Drift(ctx context.Context) ([]Drift, error)
	// CheckSchema gives a fault.Unavailable if the schema is too old, or lacks
	// something that the migrations made.
	CheckSchema(ctx context.Context) error
}

// Requests is what people ask for. A method that takes a Viewer knows its videos only:
// another's is a fault.NotFound, and is in no list. One that is shown to the viewer can
// be read, but for its NotifyURL: whom a video tells is its user's business.
type Requests interface {
	// CreateVideos inserts all of them or none, in one transaction; a video whose
	// key has made one before is passed over. A fault.Conflict: a key was used for
	// something else.
	CreateVideos(ctx context.Context, c Creation) (Created, error)
	// Video returns one video, or a fault.NotFound.
	Video(ctx context.Context, w Viewer, id uuid.UUID) (Video, error)
	// VideosByID returns those that exist, in no order.
	VideosByID(ctx context.Context, w Viewer, ids []uuid.UUID) ([]Video, error)
	// Videos lists newest first. The total counts what the filter lets through:
	// MostCounted at most, and one more if there are more.
	Videos(ctx context.Context, w Viewer, f Filter, p Page) (list []Video, total int, err error)
	// Counts says how many videos of all users are in each state; absent means none.
	Counts(ctx context.Context) (map[State]int, error)
	// Backlog says what there is to do, of each sort.
	Backlog(ctx context.Context) (Backlog, error)
	// Cancel ends a video, or asks its running create to. It returns the video
	// as it is now and the state it was in. A fault.Conflict: it had ended.
	Cancel(ctx context.Context, w Viewer, id uuid.UUID) (v Video, was State, err error)
	// Retry makes a failed or cancelled video run again: it resumes a render
	// that is not known to be dead, which pays nothing, and submits anew
	// otherwise. A fault.Conflict: it had not ended so, or it may have been
	// billed and r does not allow another render.
	Retry(ctx context.Context, w Viewer, id uuid.UUID, r Retry) (Video, error)
	// Refetch has the file of a completed video, which was found to be lost under
	// prefix, fetched again from the render that HeyGen has: nothing is paid, no
	// slot is taken, nothing is measured again. Its receivers are told if that
	// fails, and not once more that it has completed. A fault.Conflict: it is not
	// completed, HeyGen has no render of it any more, or its files are no longer
	// those under prefix; a fault.Gone: retention has removed them.
	Refetch(ctx context.Context, w Viewer, id uuid.UUID, prefix string) (Video, error)
	// Resolve ends the review of a video that failed as NeedsReview. A
	// fault.Conflict: it is not under review, or the render to adopt is that of
	// another video.
	Resolve(ctx context.Context, w Viewer, id uuid.UUID, r Resolution) (Video, error)
}

// Machine moves rows along the protocol. Each method is a guarded update: a
// row that does not come back was not touched.
type Machine interface {
	// NextDue says how soon there is something to Admit or to Claim, of whatever
	// sort. It is a read, and a cheap one.
	NextDue(ctx context.Context) (NextDue, error)
	// Listen calls heard as soon as it listens, and then whenever a dispatcher has
	// told, or a transaction of another program has made something due. It returns
	// when ctx ends, or when it hears nothing any more. What is not heard is there
	// all the same: NextDue finds it.
	Listen(ctx context.Context, heard func()) error
	// Tell has those look who Listen, in whatever process.
	Tell(ctx context.Context) error
	// Admit gives free render slots to queued videos, so that no more than slots are
	// held in all: by priority, then turn by turn of those who own them, then by age. It
	// admits nothing while the gate is closed.
	Admit(ctx context.Context, slots int) ([]Claim, error)
	// Claim takes up to n rows that are due for a step.
	Claim(ctx context.Context, step Step, n int) ([]Claim, error)
	// Unclaim makes claims that could not be enqueued due again in a second.
	Unclaim(ctx context.Context, claims []Claim) error
	// Regrant makes due what was granted within the last d and has not begun: the
	// remedy of a caller to whom the answer of a grant was lost. A task that was
	// sent all the same begins nothing, as its claim is older than the next.
	Regrant(ctx context.Context, d time.Duration) error
	// Hold keeps claims that were taken off a queue, and have not begun, from
	// being dispatched again. Claims that do not come back are to be dropped.
	Hold(ctx context.Context, claims []Claim) ([]Claim, error)
	// Begin takes the fence and the lease. It is durable when it returns.
	// Claims that do not come back began before, or are out of date.
	Begin(ctx context.Context, step Step, claims []Claim) ([]Run, error)
	// Renew extends the leases. Runs that do not come back have lost theirs. A row
	// that another transaction holds comes back, and is not extended.
	Renew(ctx context.Context, fences []Fence) ([]Fence, error)
	// End writes outcomes. Those whose fence matches no row do not come back.
	End(ctx context.Context, ends []End) ([]Ended, error)
	// Hint says that HeyGen may have news of videos: their next look is due
	// now. It trusts nothing else of the hints and returns how many rows they
	// met.
	Hint(ctx context.Context, hints []Hint) (int, error)
	// SyncRedis compares the epoch of the Redis found with the one remembered.
	// If they differ Redis has lost data: every dispatched row that has not
	// begun becomes due now, in the same transaction that remembers epoch. So
	// it is where moved says that the caller's own Redis has changed: what it
	// sent to the former one after others had moved on is lost as well.
	SyncRedis(ctx context.Context, epoch string, moved bool) (lost bool, err error)
}

// Gate is admission.
type Gate interface {
	// Admission returns the gate as it stands now.
	Admission(ctx context.Context) (Admission, error)
	// PauseAdmission closes the gate until a person resumes it. Nothing new is
	// sent from then on; what was sent goes on.
	PauseAdmission(ctx context.Context, reason string) (Admission, error)
	// ResumeAdmission opens the gate, whatever closed it.
	ResumeAdmission(ctx context.Context) (Admission, error)
	// CloseAdmission is PauseAdmission if the gate is open or waits for a time
	// only: a stop, and another pause, stay as they are.
	CloseAdmission(ctx context.Context, reason string) (Admission, error)
	// ReopenAdmission opens the gate if it is paused for this very reason, and
	// leaves it as it is if anything else keeps it closed.
	ReopenAdmission(ctx context.Context, reason string) (Admission, error)
}

// Analyses follow completed videos and never hold them up.
type Analyses interface {
	// ClaimAnalyses takes up to n completed videos that are not yet measured.
	ClaimAnalyses(ctx context.Context, n int) ([]Claim, error)
	// SaveAnalyses upserts measurements and takes them off the list.
	SaveAnalyses(ctx context.Context, list []Analysis) error
	// FailAnalyses makes them due again after wait, and drops those that have
	// failed most times.
	FailAnalyses(ctx context.Context, videos []uuid.UUID, wait time.Duration, most int) error
	// RenderTimes says how long renders took: of up to n that were measured, the
	// newest video first.
	RenderTimes(ctx context.Context, n int) ([]time.Duration, error)
	// Rollup adds what was measured since the last call to the daily totals, and
	// returns how many it wrote. A total outlives the videos that it counts.
	Rollup(ctx context.Context) (int, error)
	// DailyTotals returns the totals of the days in [from, to), oldest first.
	DailyTotals(ctx context.Context, from, to time.Time) ([]DailyTotal, error)
	// Spent is the price of every video that was measured, in US dollars, those
	// since the last Rollup included.
	Spent(ctx context.Context) (usd float64, err error)
}

// Notifications are the outbox: a video with a NotifyURL gets a row here by the
// very statement that ends it. They are delivered at least once.
type Notifications interface {
	// ClaimNotifications takes up to n notifications that are due.
	ClaimNotifications(ctx context.Context, n int) ([]NotificationClaim, error)
	// BeginNotifications takes the fence. Each is this caller's for
	// DeliveryLease. Claims that do not come back began before, or are out of
	// date.
	BeginNotifications(ctx context.Context, claims []NotificationClaim) ([]Delivery, error)
	// EndNotifications writes outcomes and returns the notifications that it
	// met; the others are another run's by now.
	EndNotifications(ctx context.Context, ends []DeliveryEnd) ([]uuid.UUID, error)
	// Notification returns one notification, or a fault.NotFound.
	Notification(ctx context.Context, w Viewer, id uuid.UUID) (Notification, error)
	// Notifications lists those of a video, oldest first.
	Notifications(ctx context.Context, w Viewer, video uuid.UUID) ([]Notification, error)
	// Redeliver makes notifications due now, with NotificationLife before them,
	// and returns how many.
	Redeliver(ctx context.Context, w Viewer, r Redelivery) (int, error)
}

// Jobs is what operators see and do. Every change is written down, in its own
// transaction, as an Action.
type Jobs interface {
	// Jobs lists up to n jobs, newest first.
	Jobs(ctx context.Context, f JobFilter, n int) ([]Job, error)
	// CountJobs counts what the filter lets through, without its Behind.
	CountJobs(ctx context.Context, f JobFilter) ([]JobCount, error)
	// Requeue makes jobs of one kind run again: a fresh task, fresh attempts. A
	// pick that does not come back has changed since it was found, or a worker
	// is at it.
	Requeue(ctx context.Context, kind JobKind, picks []Pick, by Actor) ([]uuid.UUID, error)
	// CancelAll ends videos, or asks their running creates to, as Cancel does with
	// one. Those that do not come back had ended, or do not exist.
	CancelAll(ctx context.Context, ids []uuid.UUID, by Actor) ([]CancelledVideo, error)
	// DeleteVideo forgets a video with its analysis and its notifications, and
	// returns where its files are. Idempotency keys stay for their day: the same
	// request must not render again because its answer was forgotten. A
	// fault.Conflict: it is open, or HeyGen may be at it.
	DeleteVideo(ctx context.Context, id uuid.UUID, by Actor) (prefix string, err error)
	// DeleteFailed forgets analyses or notifications that were given up, and
	// returns which. Those that do not come back have not failed.
	DeleteFailed(ctx context.Context, kind JobKind, ids []uuid.UUID, by Actor) ([]uuid.UUID, error)
	// RecordActions writes down what was done to jobs that are no rows.
	RecordActions(ctx context.Context, list []Action) error
	// Actions returns the last n things that were done to a job, newest first;
	// an empty job means all jobs.
	Actions(ctx context.Context, job string, n int) ([]Action, error)
}

// Alerts is what ops:watch asks, and remembers from round to round.
type Alerts interface {
	// BeginRound takes the next round for RoundLease; ok is false if one is under
	// way.
	BeginRound(ctx context.Context) (r Round, ok bool, err error)
	// KeepRound writes the memory and the alerts of r, those new to the store and
	// those that are not. ok is false if another round has begun: then nothing
	// is written.
	KeepRound(ctx context.Context, r Round) (ok bool, err error)
	// EndRound lets the next round begin at once, and forgets alerts that ended
	// longer than AlertLife ago. It does nothing if another round has begun.
	EndRound(ctx context.Context, number int64) error
	// Alerts lists what is active, and the last n alerts that ended, newest first.
	Alerts(ctx context.Context, n int) (active, ended []Alert, err error)
	// Stuck finds videos whose slot is held though their render should long have
	// ended, and those that have been submitting or downloading for more than
	// bound.
	Stuck(ctx context.Context, bound time.Duration) (Stuck, error)
}

// Upkeep is what the scheduled jobs and the start of a process need.
type Upkeep interface {
	// Lead runs fn while this process holds the named lock, of which there is
	// one for all processes. It waits for the lock, cancels fn's context if the
	// lock is lost, and returns fn's error.
	Lead(ctx context.Context, name string, fn func(context.Context) error) error
	// MediaPrefixes returns the prefix that each of the videos points to, ""
	// if it points to none; a video that does not exist is absent.
	MediaPrefixes(ctx context.Context, videos []uuid.UUID) (map[uuid.UUID]string, error)
	// ForgetKeys drops the idempotency keys whose life is over.
	ForgetKeys(ctx context.Context) (int, error)
	// BeginScheduled says that the named scheduled job runs from now on, and
	// returns which run this is.
	BeginScheduled(ctx context.Context, name string) (run int64, err error)
	// EndScheduled says how a run came out. One that a later run has overtaken
	// writes nothing.
	EndScheduled(ctx context.Context, e ScheduledEnd) error
	// ScheduledRuns returns the last run of every job that has ever begun, by name.
	ScheduledRuns(ctx context.Context) ([]ScheduledRun, error)
	// SinceRun returns how long ago, by the database's clock, the named
	// scheduled job last succeeded; ran is false if it never has.
	SinceRun(ctx context.Context, name string) (ago time.Duration, ran bool, err error)
	// Now returns the time that the rows go by: the database's.
	Now(ctx context.Context) (time.Time, error)
}
