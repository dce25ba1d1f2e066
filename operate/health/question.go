package health

import (
	"slices"
	"strconv"
	"time"

	"heyq/wire"
)

// Question is one thing that heyq asks about itself.
type Question struct {
	Name string // of its section in docs/operations.md, and of its alert if heyq itself has one
	Asks string

	// Degraded and Broken are the bounds: heyq works, though not as it should; it does
	// not work, or will not for long. Empty: never.
	Degraded, Broken string

	Check   string // its name in /readyz; empty: that does not ask it
	Command string // what to type first
	Remedy  string // what to do; empty: the section says it

	Rule string // of docs/alerts.yml that asks it too; empty: none does
	Expr string // that the expression of the rule has in it, with the bound
}

// The bounds that are not set by a variable.
const (
	// DispatchLate is how long something may be due. A dispatcher looks four times a
	// second and rests a second after a failure: what is due for longer is dispatched
	// by none, or waits for workers that cannot keep up.
	DispatchLate = 30 * time.Second
	// DispatchBroken is the default of HEYQ_ALERT_QUEUE_AGE.
	DispatchBroken = 10 * time.Minute
	// FirstRun is how long a job may never have run: a scheduler sends at its start
	// what was missed, and what never ran.
	FirstRun = 5 * time.Minute
	// Silence is how long no scheduled job may have succeeded. One is due each minute.
	Silence = 10 * time.Minute
	// DiskLowest is the default of HEYQ_ALERT_FREE_DISK: sixteen downloads of 100 MB
	// are in the spool at once.
	DiskLowest = 2 << 30
	// DiskFull is where SQLite cannot be trusted to write any more.
	DiskFull = 64 << 20
	// SuccessRate and Average are the defaults of HEYQ_ALERT_SUCCESS_RATE, in percent,
	// and of HEYQ_ALERT_DATABASE_AVERAGE and its neighbours.
	SuccessRate = 95
	Average     = time.Second
)

// The questions.
var (
	Store = Question{
		Name: "heyq-figures-missing", Asks: "Does the database answer?", Broken: "no answer",
		Check: "store", Command: "heyq doctor", Remedy: "see whether the database runs, and whether this heyq reaches it",
		Rule: "HeyqFiguresMissing", Expr: "== 0",
	}
	Redis = Question{
		Name: "heyq-figures-missing", Asks: "Does Redis answer?", Degraded: "no answer",
		Check: "redis", Command: "heyq doctor", Remedy: "see whether Redis runs, and whether this heyq reaches it; videos wait in the store meanwhile",
		Rule: "HeyqFiguresMissing", Expr: "== 0",
	}
	HeyGen = Question{
		Name: "heyq-breaker-open", Asks: "Does HeyGen answer, and take the key?", Degraded: "no",
		Check: "heygen", Command: "heyq doctor", Remedy: "see what is said of heygen below; the answer is a minute old at most",
		Rule: "HeyqBreakerOpen", Expr: "== 2",
	}
	Media = Question{
		Name: "media-away", Asks: "Does the media store answer?", Degraded: "no answer",
		Check: "media", Command: "heyq doctor", Remedy: "see whether the folder or the bucket is there, and may be written",
	}
	SuccessRateLow = Question{
		Name: "success-rate", Asks: "Do operations succeed?", Degraded: "fewer than `HEYQ_ALERT_SUCCESS_RATE` percent (95) of a type",
		Command: "heyq stats", Rule: "HeyqSuccessRateLow", Expr: above((100 - SuccessRate) / 100.),
	}
	AverageDuration = Question{
		Name: "average-duration", Asks: "Are they quick?", Degraded: "more than `HEYQ_ALERT_DATABASE_AVERAGE` and its neighbours (1 s) on average",
		Command: "heyq stats", Rule: "HeyqOperationsSlow", Expr: above(Average.Seconds()),
	}
	Failures = Question{
		Name: "failures", Asks: "Do videos fail?", Degraded: "more than `HEYQ_ALERT_FAILURES` (100) within an hour", Command: "heyq jobs list",
	}
	QueueAge = Question{
		Name: "queue-age", Asks: "Is what is due taken up?",
		Degraded: "something is due for 30 s", Broken: "for `HEYQ_ALERT_QUEUE_AGE` (10 min)",
		Check: "dispatcher", Command: "heyq queues list", Remedy: "see `heyq queues list`: start a worker, resume what is paused, or add workers",
		Rule: "HeyqDispatchLag", Expr: above(DispatchBroken.Seconds()),
	}
	SlotsIdle = Question{
		Name: "slots-idle", Asks: "Are the render slots used?", Broken: "one is free while a video waits for one, in two rounds; Prometheus: a tenth of them, for 5 min",
		Command: "heyq queues list", Rule: "HeyqSlotsIdle", Expr: "< 0.9",
	}
	BalanceLow = Question{
		Name: "balance-low", Asks: "Is there money at HeyGen?", Degraded: "less than `HEYQ_ALERT_BALANCE` (10) is left", Broken: "nothing is left",
		Command: "heyq doctor", Remedy: "pay into the account; without a balance HeyGen answers 402, and heyq stops until an operator resumes it",
	}
	AdmissionClosed = Question{
		Name: "admission-closed", Asks: "Are videos let through to HeyGen?", Degraded: "admission is paused", Broken: "HeyGen refuses what it is sent",
		Command: "heyq admission status", Rule: "HeyqAdmissionClosed", Expr: "== 1",
	}
	StuckVideos = Question{
		Name: "stuck-videos", Asks: "Do videos get on?", Degraded: "one is submitting or downloading for `HEYQ_ALERT_STUCK` (1 h), or rendering far beyond its time",
		Command: "heyq jobs list --state waiting",
	}
	ScheduledJobLate = Question{
		Name: "scheduled-job-late", Asks: "Do the scheduled jobs run?", Degraded: "one has not succeeded for twice its period and the time that it may take",
		Broken: "none has succeeded for 10 min",
		Check:  "scheduler", Command: "heyq schedule list", Remedy: "start `heyq scheduler`, and see in `heyq queues list` that maintenance is not paused",
		Rule: "HeyqSchedulerSilent", Expr: above(Silence.Seconds()),
	}
	DiskLow = Question{
		Name: "disk-low", Asks: "Is there room on the disk?", Degraded: "less than `HEYQ_ALERT_FREE_DISK` (2 GiB)", Broken: "less than 64 MiB where SQLite's database is",
		Check: "disk", Command: "heyq doctor", Remedy: "make room, or point HEYQ_DIR and HEYQ_MEDIA_URL to a larger disk",
		Rule: "HeyqDiskFull", Expr: "< " + strconv.Itoa(DiskLowest),
	}
)

// The questions that only Prometheus asks. heyq cannot report that it does not run itself,
// and /readyz leaves the others out, since they would repeat queue-age.
var (
	Down = Question{
		Name: "heyq-down", Asks: "Does each process answer?", Broken: "one has not for 2 min", Command: "heyq ready --alive",
		Rule: "HeyqDown", Expr: "== 0",
	}
	Absent = Question{
		Name: "heyq-absent", Asks: "Does any?", Broken: "Prometheus has seen none for 5 min", Command: "heyq ready",
		Rule: "HeyqAbsent", Expr: "absent(heyq_build_info)",
	}
	QueueStuck = Question{
		Name: "heyq-queue-stuck", Asks: "Do workers fetch tasks?", Broken: "the first of a queue waits for 2 min, and it is not paused",
		Command: "heyq queues list", Rule: "HeyqQueueStuck", Expr: above((2 * time.Minute).Seconds()),
	}
	QueueOld = Question{
		Name: "heyq-queue-old", Asks: "Do creates and downloads end?", Degraded: "one has been needed for 30 min",
		Command: "heyq queues list", Rule: "HeyqQueueOld", Expr: above((30 * time.Minute).Seconds()),
	}
	QueuePaused = Question{
		Name: "heyq-queue-paused", Asks: "Is a pause forgotten?", Degraded: "a queue is paused for 30 min",
		Command: "heyq queues list", Rule: "HeyqQueuePaused", Expr: "== 1",
	}
)

// Questions is the table, in the order in which people read it.
var Questions = []Question{
	Store, Redis, HeyGen, Media, QueueAge, ScheduledJobLate, DiskLow,
	SuccessRateLow, AverageDuration, Failures, SlotsIdle, BalanceLow, AdmissionClosed, StuckVideos,
	Down, Absent, QueueStuck, QueueOld, QueuePaused,
}

// above is a comparison as Prometheus writes it.
func above(bound float64) string { return "> " + strconv.FormatFloat(bound, 'f', -1, 64) }

// Of returns the question that /readyz asks under a name. Of a name that only another
// version of heyq knows, it says where to look.
func Of(check string) Question {
	if i := slices.IndexFunc(Questions, func(q Question) bool { return q.Check == check }); i >= 0 {
		return Questions[i]
	}
	return Question{Remedy: "see the log of that heyq"}
}

// Answers is the health of what was asked: err says why it gave no answer, and where
// what it is.
func (q Question) Answers(err error, where string) wire.Health {
	if err == nil {
		return wire.Health{Status: wire.Healthy, Reason: where}
	}
	h := wire.Health{Status: wire.Degraded, Reason: where + ": " + err.Error()}
	if q.Degraded == "" {
		h.Status = wire.Unhealthy
	}
	return h
}
