// Command lookup measures what asking for many at once is worth: a caller that has no
// heyq, and asks HeyGen for one thing after another, against one request to a heyq:
//
//	1,000 creates   POST /v3/videos, one after another    POST /v1/videos/batch, until HeyGen has accepted all
//	  200 details   GET /v3/videos/{id}, one after another   POST /v1/videos/lookup
//
// HeyGen is the simulator in this process, with no limits, and takes 50 ms a call. heyq is
// one process on SQLite. Everything is in a folder of its own, which is removed.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"heyq/bench/internal/rig"
	"heyq/wire"
)

func main() { rig.Main("lookup", run) }

// options are the flags.
type options struct {
	*rig.Flags
	creates, details int
	takes            time.Duration
}

func parse(args []string, stderr io.Writer) (o options, err error) {
	o.Flags = rig.NewFlags("lookup", stderr, 10*time.Minute)
	o.TakesHeyq()
	o.IntVar(&o.creates, "creates", 1000, "videos to create")
	o.IntVar(&o.details, "details", 200, "renders to ask about")
	o.DurationVar(&o.takes, "takes", 50*time.Millisecond, "how long HeyGen takes to answer a call")
	if err := o.Parse(args); err != nil {
		return o, err
	}
	if o.creates < 1 || o.creates > wire.MaxBatch || o.details < 1 || o.details > o.creates || o.takes <= 0 {
		return o, errors.New("-creates must be 1 to 1000, -details no more than that, and -takes above zero")
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
		results, err := measure(ctx, o, dir)
		for _, r := range results {
			fmt.Fprintf(stdout, "%6d %-8s one after another %8.2f s   at once %7.2f s   %5.1f times as fast\n",
				r.n, r.what, r.oneByOne.Seconds(), r.atOnce.Seconds(), r.oneByOne.Seconds()/r.atOnce.Seconds())
		}
		return err
	})
}
