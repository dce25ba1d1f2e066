// Command idle measures what a heyq does that has nothing to do, and how long a video
// waits that comes then, with everything on this machine:
//
//	heyq up                        SQLite, all in one process
//	heyq up                        ──► Postgres, Redis
//	heyq api, worker, scheduler    ──► Postgres, Redis
//
// After one video and a time of quiet it counts the transactions of the database
// (pg_stat_database, from another database) and the CPU time of heyq's processes. For
// SQLite, which counts no transactions, it counts what the process had written. Then a
// video is inserted by the API, and after as much quiet again by a transaction of another
// program (postgres.InTx); the clock stops when heyq has taken it for HeyGen.
//
// It runs on Linux only, and changes nothing outside of a folder of its own, which it
// removes.
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

func main() { rig.Main("idle", run) }

// layouts are the processes of each heyq that can be measured.
var layouts = map[string][]string{
	"sqlite":   {"up"},
	"postgres": {"up"},
	"roles":    {"api", "worker", "scheduler"},
}

// options are the flags.
type options struct {
	*rig.Flags
	layouts        []string
	quiet, measure time.Duration
}

func parse(args []string, stderr io.Writer) (o options, err error) {
	o.Flags = rig.NewFlags("idle", stderr, time.Hour)
	o.TakesHeyq()
	o.DurationVar(&o.quiet, "quiet", 75*time.Second, "how long nothing happens before anything is measured")
	o.DurationVar(&o.measure, "measure", time.Minute, "for how long transactions are counted")
	o.Names(&o.layouts, "layouts", "which", "sqlite", "postgres", "roles")
	if err := o.Parse(args); err != nil {
		return o, err
	}
	if o.quiet < 0 || o.measure <= 0 {
		return o, errors.New("-quiet must be 0 or more, and -measure more")
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
		fmt.Fprintf(stdout, "%-10s %15s %12s %12s %12s %12s\n", "layout", "transactions/s", "written B/s", "% of a core", "API, s", "InTx, s")
		for _, layout := range o.layouts {
			r, err := measure(ctx, o, layout, filepath.Join(dir, layout))
			if err != nil {
				return fmt.Errorf("%s: %w", layout, err)
			}
			transactions := "-"
			if layout != "sqlite" {
				transactions = fmt.Sprintf("%.2f", r.transactions)
			}
			fmt.Fprintf(stdout, "%-10s %15s %12.0f %12.1f %12.2f %12s\n", layout, transactions, r.written, r.cpu, r.api.Seconds(), r.inTx)
		}
		return nil
	})
}
