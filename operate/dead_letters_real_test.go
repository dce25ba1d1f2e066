package operate_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"github.com/rs/zerolog"

	"heyq/dispatch"
	"heyq/internal/fault"
	"heyq/internal/testkit"
	"heyq/jobs"
	"heyq/operate"
	"heyq/store"
)

// attic are the jobs on real Postgres and Redis, and what fills asynq's archive.
type attic struct {
	*testing.T
	*dispatched
	server *testkit.RedisServer
	board  *operate.Jobs
	eyes   *asynq.Inspector
}

func newAttic(t *testing.T) *attic {
	t.Helper()
	server := testkit.StartRedis(t)
	a := &attic{T: t, dispatched: newDispatched(t, 10, testkit.OpenRedis(t, server.URL())), server: server}
	a.board = operate.NewJobs(operate.JobsOptions{Store: a.db, Redis: a.redis})
	a.eyes = asynq.NewInspectorFromRedisClient(a.redis)
	return a
}

func (a *attic) must(err error) {
	a.Helper()
	if err != nil {
		a.Fatal(err)
	}
}

// archive has tasks fail for good, as they do in a worker.
func (a *attic) archive(tasks ...*asynq.Task) {
	a.Helper()
	client, queues := asynq.NewClientFromRedisClient(a.redis), map[string]int{}
	for _, task := range tasks {
		info, err := client.Enqueue(task)
		a.must(err)
		queues[info.Queue] = 1
	}
	a.fail(len(tasks), queues)
}

// fail runs a worker that fails n tasks of queues for good.
func (a *attic) fail(n int, queues map[string]int) {
	a.Helper()
	server := asynq.NewServerFromRedisClient(a.redis, asynq.Config{
		Queues: queues, TaskCheckInterval: 10 * time.Millisecond, Logger: dispatch.AsynqLog(zerolog.Nop()),
	})
	failed := make(chan struct{}, n)
	a.must(server.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error {
		failed <- struct{}{}
		return fmt.Errorf("nobody does this: %w", asynq.SkipRetry)
	})))
	for range n {
		<-failed
	}
	server.Shutdown()
}

func (a *attic) list(f operate.JobFilter) (ids []string) {
	a.Helper()
	page, err := a.board.List(a.Context(), f, store.JobMark{}, 100)
	a.must(err)
	a.must(page.Missing)
	for _, j := range page.Jobs {
		ids = append(ids, j.ID)
	}
	slices.Sort(ids)
	return ids
}

func (a *attic) wantListed(f operate.JobFilter, want ...string) {
	a.Helper()
	slices.Sort(want)
	if diff := cmp.Diff(want, a.list(f)); diff != "" {
		a.Errorf("%+v (-want +got):\n%s", f, diff)
	}
}

// failedVideo is a video whose create was refused, and the task that told of it.
func (a *attic) failedVideo() (uuid.UUID, *asynq.Task) {
	a.Helper()
	a.create(a.T, 1)
	claims, err := a.db.Admit(a.Context(), 1)
	a.must(err)
	runs, err := a.db.Begin(a.Context(), store.Create, claims)
	a.must(err)
	_, err = a.db.End(a.Context(), []store.End{store.Refused(runs[0], store.Failure{Code: "no", Step: store.Create}, 0, nil)})
	a.must(err)
	task, err := dispatch.NewTask(jobs.VideoCreate, jobs.VideoTask{Videos: claims}, asynq.TaskID("messenger"))
	a.must(err)
	return runs[0].Video, task
}

const (
	songTask   = "task:songs:song-1"
	brokenTask = "task:download:broken"
	sweepTask  = "task:maintenance:sweep"
)

// fill has one of each in the archive: a stranger's task, one that cannot be
// read, a scheduled job, and one that only tells of a video.
func (a *attic) fill() uuid.UUID {
	a.Helper()
	id, messenger := a.failedVideo()
	sweep, err := dispatch.NewTask(jobs.StoreSweep, jobs.Scheduled{}, asynq.TaskID("sweep"))
	a.must(err)
	a.archive(
		asynq.NewTask("song:sing", []byte(`{"song":"Ode"}`), asynq.Queue("songs"), asynq.TaskID("song-1"), asynq.MaxRetry(7), asynq.Timeout(time.Minute)),
		asynq.NewTask(jobs.VideoDownload.Name, []byte(`{`), asynq.Queue("download"), asynq.TaskID("broken")),
		sweep, messenger,
	)
	return id
}

func TestDeadLetters_lists_tasks_that_belong_to_no_row_real(t *testing.T) {
	t.Parallel()
	a := newAttic(t)
	video := a.fill().String()
	a.wantListed(operate.JobFilter{}, video, songTask, brokenTask, sweepTask)
	a.wantListed(operate.JobFilter{Kind: "song:sing"}, songTask)
	a.wantListed(operate.JobFilter{Queue: "songs"}, songTask)
	a.wantListed(operate.JobFilter{Queue: "download"}, brokenTask)
	a.wantListed(operate.JobFilter{Queue: "maintenance"}, sweepTask)
	a.wantListed(operate.JobFilter{Error: operate.UnknownKind}, songTask)
	a.wantListed(operate.JobFilter{Error: operate.BrokenTask}, brokenTask)
	a.wantListed(operate.JobFilter{Error: "no"}, video)
	a.wantListed(operate.JobFilter{User: store.DefaultUser}, video)
	a.wantListed(operate.JobFilter{Before: time.Now().Add(-time.Hour)})
	a.wantListed(operate.JobFilter{IDs: []string{songTask, video, "task:songs:song-2"}}, songTask, video)
	if _, err := a.board.List(t.Context(), operate.JobFilter{Kind: "song:hum"}, store.JobMark{}, 1); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("a kind that is nowhere: %v", err)
	}

	var pages []string
	var after store.JobMark
	for {
		page, err := a.board.List(t.Context(), operate.JobFilter{}, after, 1)
		a.must(err)
		if after = page.Next; after.IsZero() {
			break
		}
		pages = append(pages, page.Jobs[0].ID)
	}
	slices.Sort(pages)
	if diff := cmp.Diff(a.list(operate.JobFilter{}), pages); diff != "" {
		t.Errorf("page by page (-whole +pages):\n%s", diff)
	}

	shown, err := a.board.Show(t.Context(), songTask)
	a.must(err)
	if shown.Kind != "song:sing" || shown.Failure.Code != operate.UnknownKind || shown.Way != store.WayAgain || shown.Facts != nil ||
		shown.Failure.Message != "nobody does this: skip retry for the task" || time.Since(shown.At) > time.Minute {
		t.Errorf("shown as %+v with %+v", shown, shown.Failure)
	}
	if _, err := a.board.Show(t.Context(), "task:create:messenger"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a messenger: %v", err)
	}
}

func TestDeadLetters_runs_a_task_afresh_real(t *testing.T) {
	t.Parallel()
	a := newAttic(t)
	a.fill()
	rerun := func(id string) operate.Report {
		t.Helper()
		report, err := a.board.Requeue(t.Context(), operate.RequeueRequest{JobFilter: operate.JobFilter{IDs: []string{id}}, Limit: 10}, byAda)
		a.must(err)
		return report
	}
	if got := rerun(songTask); got.Done != 1 || got.Jobs[0].Note != "runs as task:songs:song-1#2" {
		t.Fatalf("got %+v", got)
	}
	info, err := a.eyes.GetTaskInfo("songs", "song-1#2")
	a.must(err)
	if info.State != asynq.TaskStatePending || info.Retried != 0 || info.MaxRetry != 7 || info.Timeout != time.Minute || string(info.Payload) != `{"song":"Ode"}` {
		t.Errorf("runs as %+v", info)
	}
	if got := rerun(songTask); got.Skipped != 1 {
		t.Errorf("once more: %+v", got)
	}
	a.wantListed(operate.JobFilter{Queue: "songs"})
	actions, err := a.db.Actions(t.Context(), songTask, 10)
	a.must(err)
	if len(actions) != 1 || actions[0].Verb != store.RequeueJob || actions[0].By != byAda || actions[0].Outcome != "runs as task:songs:song-1#2" {
		t.Errorf("written down: %+v", actions)
	}
	if got := rerun("task:create:messenger"); got.Done != 0 {
		t.Errorf("a messenger ran: %+v", got)
	}

	a.fail(1, map[string]int{"songs": 1})
	a.wantListed(operate.JobFilter{Queue: "songs"}, songTask+"#2")
	if got := rerun(songTask + "#2"); got.Done != 1 || got.Jobs[0].Note != "runs as task:songs:song-1#3" {
		t.Errorf("got %+v", got)
	}
}

func TestDeadLetters_deletes_a_task_real(t *testing.T) {
	t.Parallel()
	a := newAttic(t)
	a.fill()
	r := operate.ChangeRequest{JobFilter: operate.JobFilter{Error: operate.BrokenTask}, DryRun: true, Limit: 10}
	report, err := a.board.Delete(t.Context(), r, byAda)
	a.must(err)
	if report.Done != 1 || len(a.list(operate.JobFilter{Queue: "download"})) != 1 {
		t.Fatalf("a rehearsal: %+v", report)
	}
	r.DryRun = false
	report, err = a.board.Delete(t.Context(), r, byAda)
	a.must(err)
	if report.Done != 1 || report.Jobs[0].ID != brokenTask {
		t.Errorf("got %+v", report)
	}
	if _, err := a.eyes.GetTaskInfo("download", "broken"); !errors.Is(err, asynq.ErrTaskNotFound) {
		t.Errorf("it is still there: %v", err)
	}
	report, err = a.board.Cancel(t.Context(), operate.ChangeRequest{JobFilter: operate.JobFilter{IDs: []string{songTask}}, Limit: 10}, byAda)
	a.must(err)
	if report.Skipped != 1 || report.Jobs[0].Skipped != "only videos can be cancelled" {
		t.Errorf("cancelled: %+v", report)
	}
}

func TestDeadLetters_without_Redis_leaves_the_rows_real(t *testing.T) {
	t.Parallel()
	a := newAttic(t)
	video := a.fill().String()
	a.must(a.server.Stop())
	page, err := a.board.List(t.Context(), operate.JobFilter{}, store.JobMark{}, 10)
	a.must(err)
	if len(page.Jobs) != 1 || page.Jobs[0].ID != video || fault.CodeOf(page.Missing) != fault.Unavailable {
		t.Errorf("listed %+v, missing %v", page.Jobs, page.Missing)
	}
	report, err := a.board.Requeue(t.Context(), operate.RequeueRequest{JobFilter: operate.JobFilter{IDs: []string{video, songTask}}, Limit: 10}, byAda)
	a.must(err)
	if report.Done != 1 || report.Skipped != 1 || report.Missing == nil {
		t.Errorf("queued again: %+v", report)
	}
}
