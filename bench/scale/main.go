// Command scale measures what heyq asks its database for again and again, in a
// store that is small and in one that has grown for years:
//
//	the dispatcher's pass · a reading of /metrics · pages of GET /v1/videos and /v1/jobs ·
//	an admission · the adoption of a render
//
// Of the videos a hundredth has failed and the rest is completed and measured;
// more of them wait for 10 slots, and a few are in review. They are written by the statements of the store's
// own protocol. Postgres runs with its defaults. Each figure is the median of
// -looks, the first of which is thrown away.
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
	"slices"
	"strconv"
	"strings"
	"time"

	"heyq/bench/internal/rig"
)

func main() { rig.Main("scale", run) }

// options are the flags.
type options struct {
	*rig.Flags
	sizes   []int // rising
	looks   int
	waiting int
	users   int  // who own them
	bounded bool // the first of whom may hold no slot more than it has
	stores  []string
}

func parse(args []string, stderr io.Writer) (o options, err error) {
	o.Flags = rig.NewFlags("scale", stderr, time.Hour)
	o.IntVar(&o.looks, "looks", 5, "how often each question is asked")
	o.IntVar(&o.waiting, "waiting", 1000, "how many videos wait")
	o.IntVar(&o.users, "users", 1, "how many users own them")
	o.BoolVar(&o.bounded, "bounded", false, "the first user holds as many slots as it may")
	o.Names(&o.stores, "stores", "which stores", "postgres", "sqlite")
	sizes := o.String("videos", "10000,1000000", "at how many videos to measure")
	if err := o.Parse(args); err != nil {
		return o, err
	}
	for _, word := range strings.Split(*sizes, ",") {
		n, err := strconv.Atoi(word)
		if err != nil || n < 100 {
			return o, fmt.Errorf("-videos %s: %q is no number of 100 or more", *sizes, word)
		}
		o.sizes = append(o.sizes, n)
	}
	switch {
	case o.looks < 1 || o.users < 1:
		return o, errors.New("-looks and -users must be 1 or more")
	case o.bounded && o.users < 2:
		return o, errors.New("-bounded wants another user: -users 2 or more")
	case !slices.IsSorted(o.sizes):
		return o, fmt.Errorf("-videos %s: name the smaller number first", *sizes)
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
		for _, kind := range o.stores {
			table, err := measure(ctx, o, kind, filepath.Join(dir, kind))
			if err != nil {
				return fmt.Errorf("%s: %w", kind, err)
			}
			table.print(stdout, kind, o.sizes)
		}
		return nil
	})
}
