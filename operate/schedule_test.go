package operate

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hibiken/asynq"

	"heyq/internal/fault"
	"heyq/internal/testkit"
	"heyq/jobs"
	"heyq/store"
)

// remembered are runs that a store remembers.
type remembered struct {
	store.Upkeep
	runs []store.ScheduledRun
	err  error
	then func() // what happens as soon as they are read
}

func (r *remembered) ScheduledRuns(context.Context) ([]store.ScheduledRun, error) {
	if r.then != nil {
		defer r.then()
	}
	return r.runs, r.err
}

// line finds a job in the schedule.
func line(t *testing.T, table *Schedule, name string) ScheduledJob {
	t.Helper()
	list, _, err := table.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "jobs", len(list), len(jobs.Schedule))
	for _, j := range list {
		if j.Name == name {
			return j
		}
	}
	t.Fatalf("%s is not listed", name)
	return ScheduledJob{}
}

func wantFault(t *testing.T, err error, want fault.Code) {
	t.Helper()
	if got := fault.CodeOf(err); got != want {
		t.Errorf("got error %v, want a fault %q", err, want)
	}
}

func runNow(t *testing.T, table *Schedule, name string) error {
	_, err := table.Run(t.Context(), name)
	return err
}

// A run that the scheduler enqueued may end at any moment, also between two questions. Its
// number must not be taken for that of the run that was asked for.
func TestSchedule_tells_its_run_from_one_that_ends_meanwhile(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	name := jobs.StoreSweep.Name
	runs := &remembered{runs: []store.ScheduledRun{{Name: name, Run: 1}}}
	table := NewSchedule(b.redis, runs)
	wantFault(t, runNow(t, table, name), "")
	runs.then = func() { // the one that waits is run
		if err := asynq.NewInspectorFromRedisClient(b.eyes).DeleteTask(string(jobs.MaintenanceQueue), "now:"+name); err != nil {
			t.Error(err)
		}
		runs.runs, runs.then = []store.ScheduledRun{{Name: name, Run: 2}}, nil
	}
	wantFault(t, runNow(t, table, name), fault.Conflict)
	n, err := table.Run(t.Context(), name)
	if n != 2 || err != nil {
		t.Errorf("got run %d, %v, want 2", n, err)
	}
}

func TestSchedule_runs_a_job_once_until_it_has_ended(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	table := NewSchedule(b.redis, &remembered{})
	compare(t, "state", line(t, table, jobs.StoreSweep.Name).State, ScheduledIdle)

	for _, want := range []fault.Code{"", fault.Conflict, fault.Conflict} {
		wantFault(t, runNow(t, table, jobs.StoreSweep.Name), want)
	}
	wantFault(t, runNow(t, table, jobs.KeysForget.Name), "")
	compare(t, "waiting", b.scheduled(t), map[string]int{jobs.StoreSweep.Name: 1, jobs.KeysForget.Name: 1})
	compare(t, "state", line(t, table, jobs.StoreSweep.Name).State, ScheduledWaiting)
	wantFault(t, runNow(t, table, "store:swep"), fault.NotFound)
}

// A job that failed for good lies in the archive, and must not be in the way.
func TestSchedule_runs_a_job_that_lies_in_the_archive(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	table := NewSchedule(b.redis, &remembered{})
	for range 3 {
		wantFault(t, runNow(t, table, jobs.StoreSweep.Name), "")
		inspector := asynq.NewInspectorFromRedisClient(b.eyes)
		if n, err := inspector.ArchiveAllPendingTasks(string(jobs.MaintenanceQueue)); err != nil || n != 1 {
			t.Fatalf("archived %d, %v", n, err)
		}
	}
}

func TestSchedule_hurries_a_job_that_waits_for_its_next_try(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	table := NewSchedule(b.redis, &remembered{})
	wantFault(t, runNow(t, table, jobs.StoreSweep.Name), "")
	server := asynq.NewServerFromRedisClient(b.eyes, asynq.Config{
		Queues: map[string]int{string(jobs.MaintenanceQueue): 1}, LogLevel: asynq.FatalLevel, TaskCheckInterval: 10 * time.Millisecond,
		RetryDelayFunc: func(int, error, *asynq.Task) time.Duration { return time.Hour },
	})
	began, proceed := make(chan struct{}, 2), make(chan struct{})
	err := server.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error {
		began <- struct{}{}
		<-proceed
		return errAway
	}))
	if err != nil {
		t.Fatal(err)
	}
	defer server.Shutdown()
	<-began
	wantFault(t, runNow(t, table, jobs.StoreSweep.Name), fault.Conflict) // it runs
	proceed <- struct{}{}
	testkit.Eventually(t, func() error { return runNow(t, table, jobs.StoreSweep.Name) })
	<-began
	proceed <- struct{}{}
}

func TestSchedule_tells_of_runs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	run := func(outcome store.RunOutcome, took time.Duration) store.ScheduledRun {
		return store.ScheduledRun{Name: jobs.StoreSweep.Name, Run: 3, Outcome: outcome, Duration: took}
	}
	for _, c := range []struct {
		name  string
		run   store.ScheduledRun
		want  store.ScheduledRun
		state ScheduledState
	}{
		{"ended", run(store.RunFailed, time.Second), run(store.RunFailed, time.Second), ScheduledIdle},
		{"at work", run(store.RunRunning, time.Second), run(store.RunRunning, time.Second), ScheduledRunning},
		{"its process died", run(store.RunRunning, jobs.StoreSweep.Timeout+time.Second), run(store.RunInterrupted, 0), ScheduledIdle},
	} {
		j := line(t, NewSchedule(b.redis, &remembered{runs: []store.ScheduledRun{c.run}}), jobs.StoreSweep.Name)
		compare(t, c.name, j, ScheduledJob{Name: jobs.StoreSweep.Name, Every: time.Hour, State: c.state, Last: &c.want})
	}
	_, _, err := NewSchedule(b.redis, &remembered{err: errAway}).List(t.Context())
	compare(t, "the error", err, errAway, cmpopts.EquateErrors())
}

// When a job runs next only the scheduler knows, and only Redis can say it.
func TestSchedule_says_who_schedules(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	table := NewSchedule(b.redis, &remembered{})
	says := func() SchedulerState {
		_, scheduler, err := table.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return scheduler
	}
	compare(t, "nobody schedules", says(), SchedulerAbsent)
	stop := b.schedule(t)
	testkit.Eventually(t, func() error {
		if got := says(); got != SchedulerRunning {
			return fault.New(fault.Unavailable, "the scheduler is %s", got)
		}
		return nil
	})
	for _, e := range jobs.Schedule {
		if in := time.Until(line(t, table, e.Kind.Name).NextAt); in <= 0 || in > e.Every {
			t.Errorf("%s runs next in %s, and every %s", e.Kind.Name, in, e.Every)
		}
	}
	stop()
	b.mini.Close()
	compare(t, "Redis is away", says(), SchedulerUnknown)
	wantFault(t, runNow(t, table, jobs.StoreSweep.Name), fault.Unavailable)
}
