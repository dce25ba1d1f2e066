package main

import (
	"testing"

	"heyq/internal/testkit"
	"heyq/wire"
)

func TestE2E_schedule(t *testing.T) {
	t.Parallel()
	environ := startUp(t)
	job := func(name string) wire.ScheduledJob {
		t.Helper()
		s := decode[wire.Schedule](t, heyq(t, environ, "schedule", "list", "--json").wantOK(t))
		for _, j := range s.Jobs {
			if j.Job == name {
				return j
			}
		}
		t.Fatalf("%s is not listed in %+v", name, s)
		return wire.ScheduledJob{}
	}
	// At its start heyq catches up on what has never run.
	testkit.Eventually(t, func() error {
		if j := job("store:sweep"); j.Last == nil || j.Last.Outcome != "succeeded" || j.NextAt == nil {
			return errStill(j)
		}
		return nil
	})
	before := job("store:sweep")
	ran := decode[wire.ScheduledJob](t, heyq(t, environ, "schedule", "run", "store:sweep", "--wait", "--json").wantOK(t))
	if ran.Runs != before.Runs+1 || ran.Last.Outcome != "succeeded" || ran.SucceededAt.Before(*before.SucceededAt) {
		t.Errorf("ran %+v after %+v", ran, before)
	}
	heyq(t, environ, "schedule", "list").wantOK(t).want(t, 0, "store:sweep", "1h", "succeeded", "analytics:rollup", "15m")
	heyq(t, environ, "schedule", "run", "analytics:rollup").wantOK(t).want(t, 0, "is enqueued")
	heyq(t, environ, "schedule", "run", "store:swep").want(t, 3, `no scheduled job "store:swep"`, "did you mean store:sweep?")
}

type errStill wire.ScheduledJob

func (e errStill) Error() string { return e.Job + " has not run" }
