package main

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
	"heyq/internal/fault"
	"heyq/wire"
)

func (p *program) scheduleRun() *cobra.Command {
	c := &cobra.Command{
		Use:   "run JOB",
		Short: "Run a scheduled job now",
		Long: `Run a scheduled job now, though its time has not come. A worker does it; one that
waits for its next try after a failure is tried at once.

The exit code is 4 where the job runs or waits already. With --wait it is 1 where
the run fails.`,
		Example: `  heyq schedule run store:sweep
  heyq schedule run analytics:rollup --wait`,
		Args: wants(1, 1, "the name of one job"),
	}
	asJSON := jsonFlag(c)
	wait := c.Flags().Bool("wait", false, "wait for its end, and say what came of it")
	c.RunE = func(c *cobra.Command, args []string) error {
		client, _, err := p.client()
		if err != nil {
			return err
		}
		start, err := client.Schedule.Run(c.Context(), args[0])
		switch {
		case err != nil:
			return err
		case *wait:
			return p.waitForRun(c.Context(), client, start, *asJSON)
		case *asJSON:
			return p.json(start)
		}
		p.screen.Printf("%s %s is enqueued; heyq schedule list tells what comes of it\n", screen.Good("✓"), start.Job)
		return nil
	}
	return c
}

// waitForRun shows the first run that began after start, once it has ended.
func (p *program) waitForRun(ctx context.Context, client *client.Client, start wire.ScheduledStart, asJSON bool) error {
	j, err := ranJob(ctx, client, start)
	if err != nil {
		return err
	}
	if asJSON {
		if err := p.json(j); err != nil {
			return err
		}
	} else {
		p.screen.Printf("%s  %s in %s\n", j.Job, outcomeOf(*j.Last), seconds(j.Last.DurationSeconds))
	}
	if j.Last.Outcome == "succeeded" {
		return nil
	}
	return fault.New(fault.Internal, "%s %s", j.Job, map[bool]string{true: "failed", false: "was interrupted"}[j.Last.Outcome == "failed"]).
		WithHint("it is tried again by itself; the worker's log says more")
}

// ranJob asks until a run that began after start has ended.
func ranJob(ctx context.Context, client *client.Client, start wire.ScheduledStart) (wire.ScheduledJob, error) {
	answered := time.Now()
	for {
		s, err := client.Schedule.List(ctx)
		switch {
		case err == nil:
			answered = time.Now()
		case fault.CodeOf(err) != fault.Unavailable || time.Since(answered) > patience:
			return wire.ScheduledJob{}, err
		}
		at := slices.IndexFunc(s.Jobs, func(j wire.ScheduledJob) bool { return j.Job == start.Job })
		if at >= 0 && s.Jobs[at].Runs > start.Runs && s.Jobs[at].Last.Outcome != "running" {
			return s.Jobs[at], nil
		}
		select {
		case <-ctx.Done():
			return wire.ScheduledJob{}, ctx.Err()
		case <-time.After(askAgain):
		}
	}
}
