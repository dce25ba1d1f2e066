//go:build linux

package main

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"heyq/heygen/simulator"
	"heyq/internal/testkit"
	"heyq/jobs"
)

// One of two schedulers is at it. When it dies, or hangs, the other one takes
// over, and no job waits twice for the same tick.
func TestE2E_schedulerDies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		signal syscall.Signal
	}{
		{"killed", syscall.SIGKILL},
		{"hanging", syscall.SIGSTOP},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			const leads = "this process schedules"
			f := newFleet(t, simulator.Options{})
			first := f.start(t, "scheduler")
			first.waitFor(t, leads)
			second := f.start(t, "scheduler")
			wantJobs(t, f)
			if second.said(leads) != "" {
				t.Fatal("two schedule at once")
			}
			start := time.Now()
			first.signal(t, c.signal)
			second.waitFor(t, leads)
			took := time.Since(start)
			t.Logf("the other one schedules %s after the first was %s", took.Round(10*time.Millisecond), c.name)
			wantJobs(t, f)
			if c.signal == syscall.SIGSTOP {
				first.signal(t, syscall.SIGCONT)
				first.waitFor(t, "lost its lock")
				wantJobs(t, f)
			}
		})
	}
}

// wantJobs fails the test unless each scheduled job waits, and waits once:
// there is no worker.
func wantJobs(t *testing.T, f *fleet) {
	t.Helper()
	option, err := asynq.ParseRedisURI(f.redis.URL())
	if err != nil {
		t.Fatal(err)
	}
	inspector := asynq.NewInspector(option)
	defer inspector.Close()
	testkit.Eventually(t, func() error {
		waiting := map[string]int{}
		for _, queue := range []jobs.Queue{jobs.AnalyticsQueue, jobs.MaintenanceQueue, jobs.WatchQueue} {
			list, err := inspector.ListPendingTasks(string(queue))
			if err != nil {
				return err
			}
			for _, task := range list {
				waiting[task.Type]++
			}
		}
		for _, entry := range jobs.Schedule {
			if n := waiting[entry.Kind.Name]; n != 1 {
				return fmt.Errorf("%s waits %d times", entry.Kind.Name, n)
			}
		}
		return nil
	})
}
