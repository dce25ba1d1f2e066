package operate_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/rs/zerolog"

	"heyq/internal/fault"
	"heyq/internal/testkit"
	"heyq/operate"
	"heyq/store"
	"heyq/store/sqlite/sqlitetest"
)

func wantTask(t *testing.T, tasks *operate.Background, task store.Task, status store.TaskStatus, result, failure string) {
	t.Helper()
	testkit.Eventually(t, func() error {
		got, err := tasks.Get(t.Context(), store.Everyone(), task.ID)
		if err != nil {
			return err
		}
		if got.Status != status || string(got.Result) != result || got.Error != failure {
			return errors.New(string(got.Status) + " " + string(got.Result) + " " + got.Error)
		}
		return nil
	})
}

func TestBackground(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	db := sqlitetest.Open(t)
	tasks := operate.NewBackground(db, zerolog.New(zerolog.SyncWriter(&log)))
	by := store.Actor{Who: "ada", RequestID: "r-1"}
	start := func(work func(context.Context) (any, error)) store.Task {
		t.Helper()
		caller, leave := context.WithCancel(t.Context())
		task, err := tasks.Start(caller, store.Task{UserID: "ada", By: by, Kind: "verify-video"}, work)
		leave() // the request is answered
		if err != nil || task.Status != store.TaskStarted || task.By != by {
			t.Fatalf("started %+v, %v", task, err)
		}
		return task
	}
	good := start(func(ctx context.Context) (any, error) {
		time.Sleep(10 * time.Millisecond)
		return map[string]int{"n": 1}, ctx.Err()
	})
	wantTask(t, tasks, good, store.TaskSucceeded, `{"n":1}`, "")
	wantTask(t, tasks, start(func(context.Context) (any, error) {
		return nil, fault.New(fault.Conflict, "the file is whole").WithHint("leave it")
	}), store.TaskFailed, "", "the file is whole (leave it)")
	const hidden = "heyq failed; its log names the cause beside request id r-1"
	wantTask(t, tasks, start(func(context.Context) (any, error) { return nil, errors.New("secret") }), store.TaskFailed, "", hidden)
	wantTask(t, tasks, start(func(context.Context) (any, error) { panic("clumsy") }), store.TaskFailed, "", hidden)
	wantTask(t, tasks, start(func(context.Context) (any, error) { return make(chan int), nil }), store.TaskFailed, "", hidden)
	runs := start(func(ctx context.Context) (any, error) { <-ctx.Done(); return nil, ctx.Err() })
	tasks.Close(t.Context())
	wantTask(t, tasks, runs, store.TaskFailed, "", "heyq was stopped before it was done (start it again)")
	for _, said := range []string{"secret", "panic: clumsy", `"request_id":"r-1"`} {
		if !strings.Contains(log.String(), said) {
			t.Errorf("the log does not say %s: %s", said, &log)
		}
	}
	if n := testutil.CollectAndCount(tasks.Collector()); n != 2 {
		t.Errorf("%d outcomes are counted, want succeeded and failed", n)
	}
	list, err := tasks.List(t.Context(), store.Only("ada"))
	if err != nil || len(list) != 6 || list[0].ID != runs.ID {
		t.Errorf("%d are listed, %v", len(list), err)
	}
}

// A few run at once, and no more than so many wait.
func TestBackground_is_bounded(t *testing.T) {
	t.Parallel()
	tasks := operate.NewBackground(sqlitetest.Open(t), zerolog.Nop())
	var running, most atomic.Int32
	begun := 0
	var err error
	for range 200 {
		_, err = tasks.Start(t.Context(), store.Task{UserID: "ada", Kind: "wait"}, func(ctx context.Context) (any, error) {
			most.Store(max(most.Load(), running.Add(1)))
			defer running.Add(-1)
			<-ctx.Done()
			return nil, ctx.Err()
		})
		if err != nil {
			break
		}
		begun++
	}
	if begun != 104 || fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("%d were started, and then %v", begun, err)
	}
	tasks.Close(t.Context())
	if most.Load() > 4 {
		t.Errorf("%d ran at once, want 4", most.Load())
	}
}
