package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"heyq/cmd/heyq/internal/chaos"
	"heyq/cmd/heyq/internal/screen"
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
of it against the invariants I1 to I13. Nothing outside of this machine is
called. The exit code is 0 only if every invariant held.

The same --seed gives the same faults at the same times.`,
		Example: `  heyq chaos --seed 7
  heyq chaos --videos 200 --minutes 1 --json
  heyq chaos --list
  heyq chaos --scenario redis-flushall`,
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
	c.Flags().StringVar(&o.Old, "old", "", "program of an older heyq, which all processes are at first; this one migrates")
	for _, d := range o.Timing.Named() {
		c.Flags().DurationVar(d.Value, d.Name, *d.Value, d.Variable+" of the processes")
	}
	scenario := c.Flags().String("scenario", "", "a short script that shows one thing, by its name")
	list := c.Flags().Bool("list", false, "list the scenarios and what each proves")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if *list {
			return p.listScenarios(*asJSON)
		}
		play, proves, err := playOf(c, *scenario, &o)
		if err != nil {
			return err
		}
		if c.Flags().Changed("minutes") || *scenario == "" {
			o.Span = minutesOf(*minutes)
		}
		if o.Videos < 1 || o.Span <= 0 || o.Workers < 1 || o.Slots < 1 {
			return fault.New(fault.Invalid, "--videos, --minutes, --workers and --slots must be more than zero")
		}
		if o.Binary, err = os.Executable(); err != nil {
			return err
		}
		if o.Old != "" {
			if o.Old, err = filepath.Abs(o.Old); err != nil {
				return err
			}
		}
		show := chaosScreen{screen: p.screen}
		if *asJSON {
			show.screen = p.aside
		}
		o.Tell = show.tell
		show.start(o, proves)
		report, err := play(c.Context(), o)
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

// playOf is what to play: a storm, or the named scenario, which sets its own
// options first and the given flags over them.
func playOf(c *cobra.Command, scenario string, o *chaos.Options) (play player, proves string, err error) {
	if scenario == "" {
		return chaos.Run, "", nil
	}
	s, err := chaos.FindScenario(scenario)
	if err != nil {
		return nil, "", err
	}
	given := map[string]string{}
	c.Flags().Visit(func(f *pflag.Flag) { given[f.Name] = f.Value.String() })
	s.Prepare(o)
	for name, value := range given {
		if err := c.Flags().Set(name, value); err != nil {
			return nil, "", err
		}
	}
	return s.Run, s.Proves, nil
}

type player = func(context.Context, chaos.Options) (chaos.Report, error)

func (p *program) listScenarios(asJSON bool) error {
	type entry struct {
		Name   string `json:"name"`
		Proves string `json:"proves"`
	}
	var entries []entry
	t := screen.Table{Headings: []string{"scenario", "what it proves"}}
	for _, s := range chaos.Scenarios() {
		entries = append(entries, entry{s.Name, s.Proves})
		t.Rows = append(t.Rows, []string{s.Name, s.Proves})
	}
	if asJSON {
		return p.json(map[string]any{"scenarios": entries})
	}
	p.screen.Table(t)
	return nil
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
