package main

import (
	"os"

	"github.com/spf13/cobra"

	"heyq/cmd/heyq/internal/chaos"
	"heyq/internal/fault"
)

// chaos is not in the main help: it is for those who doubt heyq, and
// docs/reliability.md tells of it.
func (p *program) chaos() *cobra.Command {
	c := &cobra.Command{
		Use:    "chaos",
		Hidden: true,
		Short:  "Break a heyq of its own in every way, and count what it lost",
		Long: `Break a heyq of its own in every way, and count what it lost.

It starts a private Redis and Postgres, the HeyGen simulator, and the API, the
workers and the schedulers as processes of their own; asks for videos while a
script of faults plays; waits until every video has ended; and holds what came
of it against the invariants I1 to I9. Nothing outside of this machine is
called. The exit code is 0 only if every invariant held.

The same --seed gives the same faults at the same times.`,
		Example: `  heyq chaos --seed 7
  heyq chaos --videos 200 --minutes 1 --json`,
		Args: wantsNone,
	}
	o := chaos.Defaults
	asJSON := jsonFlag(c)
	minutes := c.Flags().Float64("minutes", o.Span.Minutes(), "how long videos are asked for and faults happen")
	c.Flags().Uint64Var(&o.Seed, "seed", o.Seed, "which faults happen, and when")
	c.Flags().IntVar(&o.Videos, "videos", o.Videos, "how many videos are asked for")
	c.Flags().IntVar(&o.Workers, "workers", o.Workers, "worker processes")
	c.Flags().IntVar(&o.Slots, "slots", o.Slots, "renders in flight that heyq is allowed")
	c.Flags().DurationVar(&o.RenderTime, "render-time", o.RenderTime, "how long a render takes")
	c.Flags().DurationVar(&o.Quiet, "quiet", o.Quiet, "how long it may take after the last fault until every video has ended")
	c.Flags().DurationVar(&o.Settle, "settle", o.Settle, "and until Redis is empty")
	c.Flags().StringVar(&o.Keep, "keep", "", "folder that keeps logs, media and all (default: a temporary one, kept if something broke)")
	for _, d := range o.Timing.Named() {
		c.Flags().DurationVar(d.Value, d.Name, *d.Value, d.Variable+" of the processes")
	}
	c.RunE = func(c *cobra.Command, _ []string) error {
		o.Span = minutesOf(*minutes)
		if o.Videos < 1 || o.Span <= 0 || o.Workers < 1 || o.Slots < 1 {
			return fault.New(fault.Invalid, "--videos, --minutes, --workers and --slots must be more than zero")
		}
		var err error
		if o.Binary, err = os.Executable(); err != nil {
			return err
		}
		show := chaosScreen{screen: p.screen, quiet: *asJSON}
		if *asJSON {
			show.screen = p.aside
		}
		o.Tell = show.tell
		show.start(o)
		report, err := chaos.Run(c.Context(), o)
		if err != nil {
			return err
		}
		if *asJSON {
			if err := p.json(report); err != nil {
				return err
			}
		} else {
			show.report(report)
		}
		return chaosVerdict(report)
	}
	return c
}

// chaosVerdict is an error unless every invariant held.
func chaosVerdict(r chaos.Report) error {
	if r.Broken() == 0 {
		return nil
	}
	err := fault.New(fault.Internal, "%s did not hold", counted(r.Broken(), "invariant")).
		WithHint("everything that is left is in %s; the same seed (%d) gives the same faults", r.Folder, r.Seed)
	for _, i := range r.Invariants {
		for _, culprit := range i.Culprits {
			err.Fields = append(err.Fields, fault.Field{Name: i.Name, Message: culprit})
		}
	}
	return err
}
