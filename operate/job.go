package operate

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"

	"heyq/internal/fault"
	"heyq/jobs"
	"heyq/store"
)

// Job is a job as operators see it; see Jobs for what that is.
type Job struct {
	ID      string // as operators write it; see JobID
	Kind    string // of its task, such as video:download
	Queue   jobs.Queue
	State   store.JobState
	Attempt int            // failures so far
	At      time.Time      // when it failed; if it has not, when it was created
	Failure *store.Failure // nil unless it failed
	Way     store.Way      // how it goes on when it is queued again; empty: it has not ended so

	Video  uuid.UUID // Nil: a task in asynq's archive that belongs to no row
	UserID string
	Title  string

	script int // characters that a render speaks; 0: not known
	key    JobID
}

// Mark returns j's place in a listing.
func (j Job) Mark() store.JobMark { return store.JobMark{At: j.At, ID: j.key.order()} }

// jobOf makes a row's job.
func jobOf(row store.Job) Job {
	j := Job{
		State: row.State, Attempt: row.Attempt, At: row.At, Failure: row.Failure, Way: row.Way,
		Video: row.Video, UserID: row.UserID, Title: row.Title, script: row.Script,
		key: JobID{Kind: row.Kind, Row: row.ID},
	}
	j.ID = j.key.String()
	j.Kind, j.Queue = taskOf(row.Kind, row.Step)
	return j
}

// taskOf says which kind of task works on a row, and in which queue.
func taskOf(kind store.JobKind, step store.Step) (name string, queue jobs.Queue) {
	switch kind {
	case store.AnalysisJob:
		return jobs.VideoAnalyze.Name, jobs.VideoAnalyze.Queue
	case store.NotificationJob:
		return jobs.NotifyDeliver.Name, jobs.NotifyDeliver.Queue
	}
	k := jobs.StepKinds[step]
	return k.Name, k.Queue
}

// What stands for the failure of a task in asynq's archive.
const (
	UnknownKind = "unknown_kind" // no kind of this heyq's
	BrokenTask  = "broken_task"  // its payload cannot be read
	FailedTask  = "task_failed"  // a scheduled job that failed for good
)

var taskCodes = []string{UnknownKind, BrokenTask, FailedTask}

// jobOfTask makes an archived task's job. Rows decides what the task is.
func jobOfTask(info *asynq.TaskInfo, code string) Job {
	key := JobID{Kind: archivedTask, Queue: info.Queue, Task: info.ID}
	return Job{
		ID: key.String(), Kind: info.Type, Queue: jobs.Queue(info.Queue), State: store.JobFailed, Attempt: info.Retried + 1,
		At: info.LastFailedAt.UTC(), Way: store.WayAgain, key: key,
		Failure: &store.Failure{Code: code, Message: cmp.Or(info.LastErr, "archived by hand")},
	}
}

// archivedTask is the kind of those jobs that are no rows.
const archivedTask store.JobKind = "task"

// JobID names a job. Operators write it as a video's id, or as analysis:<id of
// the video>, notification:<id>, task:<queue>:<id of the task>.
type JobID struct {
	Kind  store.JobKind
	Row   uuid.UUID // of the video, or of the notification
	Queue string    // of a task
	Task  string
}

// ParseJobID reads an id. What is none names no job, and is a fault.NotFound.
func ParseJobID(text string) (JobID, error) {
	kind, rest, qualified := strings.Cut(text, ":")
	id := JobID{Kind: store.VideoJob}
	switch {
	case !qualified:
		rest = text
	case kind == string(archivedTask):
		id.Kind = archivedTask
		if id.Queue, id.Task, _ = strings.Cut(rest, ":"); id.Queue != "" && id.Task != "" {
			return id, nil
		}
		return id, noJobID(text)
	case kind != string(store.VideoJob) && slices.Contains(store.JobKinds, store.JobKind(kind)):
		id.Kind = store.JobKind(kind)
	default:
		return id, noJobID(text)
	}
	var err error
	if id.Row, err = uuid.Parse(rest); err != nil || len(rest) != len(uuid.Nil.String()) {
		return id, noJobID(text)
	}
	return id, nil
}

func noJobID(text string) *fault.Error {
	return fault.New(fault.NotFound, "%.100q is no job's id, which is a video's id, analysis:<video>, notification:<id> or task:<queue>:<task>", text).
		WithAdvice(fault.ListJobs, "")
}

// ErrNoJob says that there is no such job.
func ErrNoJob(id string) *fault.Error {
	return fault.New(fault.NotFound, "there is no job %s", id).WithAdvice(fault.ListJobs, "")
}

// String writes the id as ParseJobID reads it.
func (id JobID) String() string {
	if id.Kind == archivedTask {
		return string(archivedTask) + ":" + id.Queue + ":" + id.Task
	}
	return id.Kind.ID(id.Row)
}

// order gives each job a place among those of the same moment.
func (id JobID) order() uuid.UUID {
	if id.Kind == archivedTask {
		return uuid.NewSHA1(uuid.NameSpaceOID, []byte(id.String()))
	}
	return id.Row
}
