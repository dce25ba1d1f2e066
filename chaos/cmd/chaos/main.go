// Command chaos breaks a heyq of its own in every way, and counts what it lost.
// docs/reliability.md tells of it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"heyq/chaos"
	"heyq/internal/fault"
	"heyq/internal/testservers"
)

const about = `Break a heyq of its own in every way, and count what it lost.

It starts a private Redis and Postgres, the HeyGen simulator, and the API, the
workers and the schedulers as processes of their own; asks for videos while a
script of faults plays; waits until every video has ended; and holds what came
of it against the invariants I1 to I15. Nothing outside of this machine is
called. The exit code is 0 only if every invariant held.

The same -seed gives the same faults at the same times.

`

func main() {
	log.SetFlags(0)
	log.SetPrefix("chaos: ")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		log.Fatalln(err) // exit code 1
	}
}

// options is what the flags say.
type options struct {
	chaos.Options
	minutes  float64
	scenario string
	list     bool
	json     bool
}

// flags are those of a run, over o.
func flags(o *options, stderr io.Writer) *flag.FlagSet {
	f := flag.NewFlagSet("chaos", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.Usage = func() {
		fmt.Fprint(stderr, about)
		f.PrintDefaults()
	}
	f.BoolVar(&o.json, "json", false, "print JSON on standard output, and what happens on standard error")
	f.BoolVar(&o.list, "list", false, "list the scenarios and what each proves")
	f.StringVar(&o.scenario, "scenario", "", "a short script that shows one thing, by its name")
	f.Float64Var(&o.minutes, "minutes", o.Span.Minutes(), "how long videos are asked for and faults happen")
	f.Uint64Var(&o.Seed, "seed", o.Seed, "which faults happen, and when")
	f.IntVar(&o.Videos, "videos", o.Videos, "how many videos are asked for")
	f.IntVar(&o.Users, "users", o.Users, "users who ask for them, each with a key; 0: the operator does")
	f.IntVar(&o.Workers, "workers", o.Workers, "worker processes")
	f.IntVar(&o.Slots, "slots", o.Slots, "renders in flight that heyq is allowed")
	f.DurationVar(&o.RenderTime, "render-time", o.RenderTime, "how long a render takes")
	f.DurationVar(&o.Quiet, "quiet", o.Quiet, "how long it may take after the last fault until every video has ended")
	f.DurationVar(&o.Settle, "settle", o.Settle, "and until Redis is empty")
	f.StringVar(&o.Keep, "keep", "", "folder that keeps logs, media and all (default: a temporary one, kept if something broke)")
	f.StringVar(&o.Binary, "heyq", "", "program to break (default: built from this checkout)")
	f.StringVar(&o.Old, "old", "", "program of an older heyq, which all processes are at first; the other one migrates")
	for _, d := range o.Timing.Named() {
		f.DurationVar(d.Value, d.Name, *d.Value, d.Variable+" of the processes")
	}
	return f
}

// run plays what args ask for and shows what came of it. Nothing that it started
// outlives it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o := options{Options: chaos.Defaults}
	f := flags(&o, stderr)
	if err := f.Parse(args); err != nil {
		return err
	}
	if f.NArg() > 0 {
		return fmt.Errorf("it takes no arguments; it got %q", f.Args())
	}
	if o.list {
		return list(stdout, o.json)
	}
	play, proves, err := playOf(f, &o)
	if err != nil {
		return told(err)
	}
	if o.Videos < 1 || o.Users < 0 || o.Span <= 0 || o.Workers < 1 || o.Slots < 1 {
		return errors.New("-videos, -minutes, -workers and -slots must be more than zero, -users zero or more")
	}
	remove, err := programs(ctx, &o)
	if err != nil {
		return err
	}
	defer remove()
	show := show{out: stdout}
	if o.json {
		show.out = stderr
	}
	o.Tell = show.tell
	show.start(o.Options, proves)
	report, err := play(ctx, o.Options)
	if err != nil {
		return told(err)
	}
	if o.json {
		err = writeJSON(stdout, report)
	} else {
		show.report(report)
	}
	return errors.Join(err, verdict(report))
}

// playOf is what to play: a storm, or the named scenario, which sets its own
// options first and the given flags over them.
func playOf(f *flag.FlagSet, o *options) (play player, proves string, err error) {
	minutes := o.scenario == ""
	play = chaos.Run
	if o.scenario != "" {
		s, err := chaos.FindScenario(o.scenario)
		if err != nil {
			return nil, "", err
		}
		given := map[string]string{}
		f.Visit(func(f *flag.Flag) { given[f.Name] = f.Value.String() })
		s.Prepare(&o.Options)
		for name, value := range given {
			if err := f.Set(name, value); err != nil {
				return nil, "", err
			}
		}
		_, minutes = given["minutes"]
		play, proves = s.Run, s.Proves
	}
	if minutes {
		o.Span = minutesOf(o.minutes)
	}
	return play, proves, nil
}

type player = func(context.Context, chaos.Options) (chaos.Report, error)

// programs finds the heyq to break, or builds it, and the older one. The function
// removes what was built.
func programs(ctx context.Context, o *options) (remove func(), err error) {
	remove = func() {}
	for _, path := range []*string{&o.Binary, &o.Old} {
		if *path == "" {
			continue
		}
		if *path, err = filepath.Abs(*path); err != nil {
			return nil, err
		}
	}
	if o.Binary != "" {
		return remove, nil
	}
	dir, err := os.MkdirTemp("", "heyq-built-")
	if err != nil {
		return nil, err
	}
	o.Binary = filepath.Join(dir, "heyq")
	remove = func() { os.RemoveAll(dir) }
	if err = testservers.BuildHeyq(ctx, o.Binary); err != nil {
		remove()
	}
	return remove, err
}

func list(w io.Writer, asJSON bool) error {
	type entry struct {
		Name   string `json:"name"`
		Proves string `json:"proves"`
	}
	var entries []entry
	rows := [][]string{{"scenario", "what it proves"}}
	for _, s := range chaos.Scenarios() {
		entries = append(entries, entry{s.Name, s.Proves})
		rows = append(rows, []string{s.Name, s.Proves})
	}
	if asJSON {
		return writeJSON(w, map[string]any{"scenarios": entries})
	}
	table(w, rows)
	return nil
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// verdict is an error unless every invariant held.
func verdict(r chaos.Report) error {
	if r.Broken() == 0 {
		return nil
	}
	errs := []error{fmt.Errorf("%s did not hold", plural(r.Broken(), "invariant", "invariants"))}
	for _, i := range r.Invariants {
		for _, culprit := range i.Culprits {
			errs = append(errs, fmt.Errorf("  %s: %s", i.Name, culprit))
		}
	}
	return errors.Join(append(errs, fmt.Errorf("everything that is left is in %s; the same seed (%d) gives the same faults", r.Folder, r.Seed))...)
}

// told adds the hint of a fault to its text.
func told(err error) error {
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Hint != "" {
		return fmt.Errorf("%w; %s", err, f.Hint)
	}
	return err
}

func minutesOf(n float64) time.Duration { return time.Duration(n * float64(time.Minute)) }
