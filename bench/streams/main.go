// Command streams measures what open streams of events cost one API process, with
// Postgres and Redis on this machine: its memory and CPU time, the transactions of the
// database, the commands of Redis, and how soon readers hear that a video has moved.
//
// It runs on Linux only, and changes nothing outside of a folder of its own, which it
// removes.
package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"heyq/bench/internal/rig"
)

func main() { rig.Main("streams", run) }

// options are the flags.
type options struct {
	*rig.Flags
	streams int
	measure time.Duration
	settle  time.Duration
}

func parse(args []string, stderr io.Writer) (o options, err error) {
	o.Flags = rig.NewFlags("streams", stderr, 10*time.Minute)
	o.TakesHeyq()
	o.IntVar(&o.streams, "streams", 5000, "streams to open: each follows one of a hundred videos, and each tenth follows all")
	o.DurationVar(&o.measure, "measure", 30*time.Second, "for how long to count")
	o.DurationVar(&o.settle, "settle", 15*time.Second, "for how long to wait before that: Postgres tells its counts late")
	return o, o.Parse(args)
}

// run measures what args ask for. Nothing that it started outlives it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	return o.Run(ctx, func(ctx context.Context, dir string) error {
		s, err := start(ctx, o.Heyq, dir)
		if err != nil {
			return err
		}
		defer s.close()
		fmt.Fprintf(stdout, "%8s %8s %15s %15s %12s\n", "streams", "RSS MB", "transactions/s", "Redis cmds/s", "% of a core")
		tell := func(streams int) error {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(o.settle):
			}
			c, err := s.count(ctx, o.measure)
			if err == nil {
				fmt.Fprintf(stdout, "%8d %8.0f %15.1f %15.1f %12.1f\n", streams, c.rss, c.transactions, c.commands, c.cpu)
			}
			return err
		}
		if err := tell(0); err != nil {
			return err
		}
		r, err := s.open(ctx, o.streams)
		if err != nil {
			return err
		}
		defer r.close()
		if err := tell(o.streams); err != nil {
			return err
		}
		heard, first, last, err := s.move(ctx, r)
		if err != nil {
			return err
		}
		fmt.Fprintf(stdout, "a video was cancelled: %d readers heard of it, after %s to %s\n", heard, first.Round(time.Millisecond), last.Round(time.Millisecond))
		return nil
	})
}
