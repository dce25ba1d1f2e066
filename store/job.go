package store

import (
	"time"

	"github.com/google/uuid"
)

// Job is a unit of work as operators see it: a row that a worker or a person has to do
// something about, or gave up.
type Job struct {
	Kind    JobKind
	ID      uuid.UUID // of the video, or of the notification
	Video   uuid.UUID
	UserID  string
	Title   string // of the video
	Step    Step   // of a video: the present one, or the one that failed
	State   JobState
	Attempt int       // failures so far
	Failure *Failure  // nil unless it failed
	At      time.Time // when it failed, or was created if it has not
	Way     Way       // how it goes on when it is queued again; empty: it has not ended so
	Script  int       // characters that a render speaks; 0: not known, as with a template or a recording
}

// Mark returns j's place in a listing.
func (j Job) Mark() JobMark { return JobMark{At: j.At, ID: j.ID} }

// JobKind says what a job works on, and so which table it is a row of.
type JobKind string

// The kinds of job.
const (
	VideoJob        JobKind = "video"        // a video's present or failed step
	AnalysisJob     JobKind = "analysis"     // the measuring of a completed video
	NotificationJob JobKind = "notification" // the telling of a video's end
)

// JobKinds lists them.
var JobKinds = []JobKind{VideoJob, AnalysisJob, NotificationJob}

// JobState is where a job stands.
type JobState string

// The states of a job. What has ended otherwise is no work any more, and is
// found by its id alone.
const (
	JobWaiting   JobState = "waiting"   // to be done, and no run is at it
	JobRunning   JobState = "running"   // a worker is at it
	JobFailed    JobState = "failed"    // given up; it can be queued again
	JobCompleted JobState = "completed" // done
	JobCancelled JobState = "cancelled" // ended because a person asked for it; it can be queued again
)

// Way is how a job goes on when it is queued again. Every way is a fresh task
// with fresh attempts.
type Way string

// The ways. Two of them may pay for a video a second time.
const (
	WayResume Way = "resume"       // from the render that HeyGen has; pays nothing
	WayFirst  Way = "first_render" // as new: nothing was billed before
	WayRender Way = "new_render"   // another render, which is paid for again
	WayReview Way = "review"       // the same, and a person has to look, or has looked, first
	WayAgain  Way = "again"        // once more; pays nothing
)

// Renders reports whether HeyGen renders, and is paid.
func (w Way) Renders() bool { return w == WayFirst || w.PaysAgain() }

// PaysAgain reports whether something may be paid for a second time.
func (w Way) PaysAgain() bool { return w == WayRender || w == WayReview }

// What stands for the failure of a job that has no code of HeyGen's.
const (
	NotMeasured  = "not_measured"  // an analysis that was given up
	NotDelivered = "not_delivered" // a notification that was given up
)

// JobFilter narrows a listing of jobs. Kind is required.
type JobFilter struct {
	Kind   JobKind
	IDs    []uuid.UUID // these, in whatever state, and nothing else of what follows
	Open   bool        // what waits or runs, instead of what failed; videos only
	State  JobState    // with Open: one of the two; empty: both
	Step   Step        // of a video; empty: any
	Code   string      // of the failure; empty: any
	UserID string      // empty: every user's
	Since  time.Time   // failed then or later (with Open: created); zero: whenever
	Before time.Time   // failed before (with Open: created); zero: whenever
	Behind JobMark     // only what follows it in the listing; zero: from the beginning
}

// JobMark is a place in a listing of jobs, newest first.
type JobMark struct {
	At time.Time
	ID uuid.UUID
}

// IsZero reports whether m is the beginning.
func (m JobMark) IsZero() bool { return m == JobMark{} }

// JobCount is how many jobs failed alike.
type JobCount struct {
	Step   Step // of videos
	Code   string
	Way    Way
	Jobs   int
	Script int // characters of all scripts together
	Silent int // those without a script
}

// Pick is a job as it was found. It is queued again only if it still goes on
// that way.
type Pick struct {
	ID  uuid.UUID `json:"id"`
	Way Way       `json:"way"`
}

// Actor is who asked for something.
type Actor struct {
	Who       string
	RequestID string // finds the line in the API's log; empty: none
}

// Action is what a person did to a job. It outlives the job.
type Action struct {
	At      time.Time // set by the store
	By      Actor
	Verb    Verb
	Job     string    // its id, as operators write it
	Video   uuid.UUID // Nil: it belonged to none
	Outcome string    // what came of it
}

// Verb is what can be done to a job.
type Verb string

// The verbs.
const (
	RequeueJob Verb = "requeue"
	CancelJob  Verb = "cancel"
	DeleteJob  Verb = "delete"
)

// ID is the id of a job as operators write it: analysis:<video>, notification:<id>.
// That of a video's step is the video's own.
func (k JobKind) ID(row uuid.UUID) string {
	if k == VideoJob {
		return row.String()
	}
	return string(k) + ":" + row.String()
}

// CancelledVideo is a video that CancelAll has met.
type CancelledVideo struct {
	ID  uuid.UUID
	Was State // before; one that was submitting is only asked to end
}

// Outcome says what came of a cancel, for its Action.
func (s CancelledVideo) Outcome() string {
	if s.Was == Submitting {
		return "to be cancelled when HeyGen has answered its create"
	}
	return "cancelled; it was " + string(s.Was)
}

// DeleteOutcome says what a delete did away with, for its Action.
func DeleteOutcome(v Video) string {
	if v.MediaPrefix != "" {
		return "deleted; it was " + string(v.State) + ", with its files under " + v.MediaPrefix
	}
	return "deleted; it was " + string(v.State)
}
