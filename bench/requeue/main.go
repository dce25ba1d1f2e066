// Command requeue measures how long an operator waits for
//
//	heyq jobs requeue --queue download --error link_expired --yes
//
// or, with -cancel, for
//
//	heyq jobs cancel --state waiting --yes
//
// from the start of the command to its end, with everything on this machine:
//
//	heyq jobs requeue ── POST /v1/jobs/requeue, 1,000 jobs a call ──► heyq up ──► Postgres | SQLite
//
// The failed downloads are written by the store's own protocol before heyq
// starts: each was created, accepted, rendered, and given up. heyq is
// one process that also works: what is queued again is polled while the rest
// still waits its turn. What is cancelled only waits: creates are paused. Postgres
// keeps what it has answered.
//
// It runs on Linux only, and changes nothing outside of a folder of its own,
// which it removes.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"heyq/bench/internal/rig"
)

func main() { rig.Main("requeue", run) }

// options are the flags.
type options struct {
	*rig.Flags
	jobs, runs int
	cancel     bool
	stores     []string
}

func parse(args []string, stderr io.Writer) (o options, err error) {
	o.Flags = rig.NewFlags("requeue", stderr, 10*time.Minute)
	o.TakesHeyq()
	o.IntVar(&o.jobs, "jobs", 10_000, "failed downloads, or videos that wait")
	o.BoolVar(&o.cancel, "cancel", false, "cancel videos that wait instead")
	o.IntVar(&o.runs, "runs", 3, "how often each store is measured, from new")
	o.Names(&o.stores, "stores", "which stores", "postgres", "sqlite")
	if err := o.Parse(args); err != nil {
		return o, err
	}
	if o.jobs < 1 || o.runs < 1 {
		return o, errors.New("-jobs and -runs must be 1 or more")
	}
	return o, nil
}

// run measures what args ask for. Nothing that it started outlives it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	return o.Run(ctx, func(ctx context.Context, dir string) error {
		fmt.Fprintf(stdout, "%-10s %5s %10s %12s\n", "store", "run", "seconds", "jobs/s")
		for _, kind := range o.stores {
			for n := range o.runs {
				took, err := measure(ctx, o, kind, filepath.Join(dir, fmt.Sprintf("%s-%d", kind, n)))
				if err != nil {
					return fmt.Errorf("%s, run %d: %w", kind, n+1, err)
				}
				fmt.Fprintf(stdout, "%-10s %5d %10.2f %12.0f\n", kind, n+1, took.Seconds(), float64(o.jobs)/took.Seconds())
			}
		}
		return nil
	})
}
