package operate

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/internal/suggest"
	"heyq/jobs"
	"heyq/store"
	"heyq/wire"
)

// JobFilter says which jobs are meant. An empty State means the first of those that
// a call allows, which is failed but for cancelling.
type JobFilter = wire.JobFilter

// MostIDs is how many jobs can be named at once.
const MostIDs = wire.MaxJobs

// openJobs is a State for cancelling: waiting or running.
const openJobs = "open"

// What a State may be; the first one if none is given.
var (
	anyState    = []string{string(store.JobFailed), string(store.JobWaiting), string(store.JobRunning)}
	onlyFailed  = []string{string(store.JobFailed)}
	onlyOngoing = []string{openJobs, string(store.JobWaiting), string(store.JobRunning)}
)

// meansAll reports whether f lets everything through.
func meansAll(f JobFilter) bool {
	return len(f.IDs) == 0 && f.State+f.Queue+f.Kind+f.Error+f.User == "" && f.Since.IsZero() && f.Before.IsZero()
}

// selection is what a filter means: rows of each kind that may match, and
// archived tasks.
type selection struct {
	rows  []store.JobFilter
	tasks *taskFilter // nil: none can match
	named []JobID     // by id; nil: by what they are
}

// selection reads a filter. The error is a fault.Invalid that names every wrong
// field.
func (j *Jobs) selection(ctx context.Context, f JobFilter, states []string) (selection, error) {
	wrong := fault.New(fault.Invalid, "this is no way to say which jobs are meant")
	if len(f.IDs) > 0 {
		return named(f, wrong)
	}
	if f.State == "" {
		f.State = states[0]
	}
	if !slices.Contains(states, f.State) {
		_ = wrong.WithField("state", f.State, "%s", unknown(f.State, states))
	}
	j.checkPlace(ctx, f, wrong)
	if !f.Since.IsZero() && !f.Before.IsZero() && !f.Since.Before(f.Before) {
		_ = wrong.WithField("before", f.Before.Format(time.RFC3339), "lies before since; nothing can match")
	}
	if f.State != string(store.JobFailed) && f.Error != "" {
		_ = wrong.WithField("error", f.Error, "goes with failed jobs; leave it out")
	}
	if len(wrong.Fields) > 0 {
		return selection{}, wrong
	}
	return selectionOf(f), nil
}

// named reads ids.
func named(f JobFilter, wrong *fault.Error) (selection, error) {
	var s selection
	others := f
	if others.IDs = nil; !meansAll(others) {
		_ = wrong.WithField("ids", len(f.IDs), "go with no other filter; name the jobs or say what they are")
	}
	if len(f.IDs) > MostIDs {
		return s, wrong.WithField("ids", len(f.IDs), "are more than %d; give fewer at once", MostIDs)
	}
	seen := map[JobID]bool{}
	for _, text := range f.IDs {
		id, err := ParseJobID(text)
		if err != nil {
			_ = wrong.WithField("ids", text, "is no job's id").WithAdvice(fault.ListJobs, "")
			continue
		}
		if !seen[id] {
			seen[id], s.named = true, append(s.named, id)
		}
	}
	if len(wrong.Fields) > 0 {
		return s, wrong
	}
	for _, kind := range store.JobKinds {
		var ids []uuid.UUID
		for _, id := range s.named {
			if id.Kind == kind {
				ids = append(ids, id.Row)
			}
		}
		if ids != nil {
			s.rows = append(s.rows, store.JobFilter{Kind: kind, IDs: ids})
		}
	}
	return s, nil
}

// checkPlace looks at queue and kind. Both may be strangers' that have left
// something in asynq's archive.
func (j *Jobs) checkPlace(ctx context.Context, f JobFilter, wrong *fault.Error) {
	queue, known := queueOf(f.Kind)
	if f.Queue != "" && !slices.Contains(jobs.Queues, jobs.Queue(f.Queue)) && !slices.Contains(j.letters.queues(ctx), f.Queue) {
		_ = wrong.WithField("queue", f.Queue, "%s", unknown(f.Queue, plain(jobs.Queues)))
	}
	if f.Kind != "" && !known && !j.letters.has(ctx, f.Kind) {
		_ = wrong.WithField("kind", f.Kind, "%s", unknown(f.Kind, jobs.Kinds))
	}
	if f.Queue != "" && known && string(queue) != f.Queue {
		_ = wrong.WithField("queue", f.Queue, "is not where %s runs, which is %s; leave one of them out", f.Kind, queue)
	}
}

// unknown says that a word is none of those, and which one was probably meant.
func unknown(word string, known []string) string {
	return fmt.Sprintf("%q is not known here; did you mean %s? There are %s", word, suggest.Nearest(word, known), strings.Join(known, ", "))
}

func plain[T ~string](list []T) []string {
	words := make([]string, len(list))
	for i, word := range list {
		words[i] = string(word)
	}
	return words
}

// queueOf says where a kind of task runs; not known: none of heyq's.
func queueOf(kind string) (queue jobs.Queue, known bool) {
	for _, source := range sources {
		for _, step := range source.steps {
			if name, queue := taskOf(source.kind, step); name == kind {
				return queue, true
			}
		}
	}
	if kind == jobs.OpsWatch.Name {
		return jobs.WatchQueue, true
	}
	return jobs.MaintenanceQueue, slices.Contains(jobs.Kinds, kind)
}

// source is a kind of row that fails.
type source struct {
	kind  store.JobKind
	steps []store.Step // that are done for it
	code  string       // the only one that it fails with; empty: there are many
}

var sources = []source{
	{store.VideoJob, store.Steps, ""},
	{store.AnalysisJob, []store.Step{""}, store.NotMeasured},
	{store.NotificationJob, []store.Step{""}, store.NotDelivered},
}

// selectionOf returns in which tables, and in asynq's archive or not, jobs can match a
// filter. The filter has been checked.
func selectionOf(f JobFilter) (s selection) {
	place := f.Queue
	if f.Kind != "" {
		queue, known := queueOf(f.Kind)
		place = string(queue)
		if !known {
			place = f.Kind // in which no row is worked on
		}
	}
	failed := f.State == string(store.JobFailed)
	for _, source := range sources {
		row := store.JobFilter{Kind: source.kind, UserID: f.User, Since: f.Since, Before: f.Before, Code: f.Error}
		step, worksThere := source.stepAt(place)
		switch {
		case !worksThere, source.code != "" && f.Error != "" && f.Error != source.code:
			continue
		case !failed && source.kind != store.VideoJob:
			continue // only videos are shown before they fail
		}
		row.Step = step
		if row.Open = !failed; row.Open && f.State != openJobs {
			row.State = store.JobState(f.State)
		}
		s.rows = append(s.rows, row)
	}
	if failed && f.User == "" && (f.Error == "" || slices.Contains(taskCodes, f.Error)) {
		s.tasks = &taskFilter{queue: f.Queue, kind: f.Kind, code: f.Error, since: f.Since, before: f.Before}
	}
	return s
}

// stepAt finds the step that is done in a queue; no queue means any step.
func (s source) stepAt(queue string) (step store.Step, found bool) {
	for _, step := range s.steps {
		if _, at := taskOf(s.kind, step); string(at) == queue {
			return step, true
		}
	}
	return "", queue == ""
}
