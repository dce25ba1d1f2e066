// Command scale measures what heyq asks its database for again and again, in a
// store that is small and in one that has grown for years:
//
//	the dispatcher's pass · a reading of /metrics · pages of GET /v1/videos and /v1/jobs ·
//	the adoption of a render
//
// Of the videos a hundredth has failed and the rest is completed and measured;
// 1,000 more wait for 10 slots, and a few are in review. They are written by the statements of the store's
// own protocol. Postgres runs with its defaults. Each figure is the median of
// -looks, the first of which is thrown away.
//
// It runs on Linux only, and changes nothing outside of a folder of its own,
// which it removes.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("scale: ")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		log.Fatalln(err) // exit code 1
	}
}

// options are the flags.
type options struct {
	sizes   []int // rising
	looks   int
	stores  []string
	dir     string
	timeout time.Duration
}

func parse(args []string, stderr io.Writer) (o options, err error) {
	f := flag.NewFlagSet("scale", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.IntVar(&o.looks, "looks", 5, "how often each question is asked")
	f.StringVar(&o.dir, "dir", "", "folder to work in, say on another disk (default: the system's temporary one)")
	f.DurationVar(&o.timeout, "timeout", time.Hour, "give up after this")
	stores := f.String("stores", "postgres,sqlite", "which stores")
	sizes := f.String("videos", "10000,1000000", "at how many videos to measure")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	o.stores = strings.Split(*stores, ",")
	for _, word := range strings.Split(*sizes, ",") {
		n, err := strconv.Atoi(word)
		if err != nil || n < 100 {
			return o, fmt.Errorf("-videos %s: %q is no number of 100 or more", *sizes, word)
		}
		o.sizes = append(o.sizes, n)
	}
	switch {
	case f.NArg() > 0:
		return o, fmt.Errorf("%q is no flag", f.Arg(0))
	case o.looks < 1:
		return o, errors.New("-looks must be 1 or more")
	case !slices.IsSorted(o.sizes):
		return o, fmt.Errorf("-videos %s: name the smaller number first", *sizes)
	case slices.ContainsFunc(o.stores, func(s string) bool { return s != "postgres" && s != "sqlite" }):
		return o, fmt.Errorf("-stores %s: there are postgres and sqlite", *stores)
	}
	return o, nil
}

// run measures what args ask for. Nothing that it started outlives it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, o.timeout, fmt.Errorf("not done within %s (-timeout)", o.timeout))
	defer cancel()
	dir, err := os.MkdirTemp(o.dir, "heyq-scale-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if dir, err = filepath.Abs(dir); err != nil { // a server has a folder of its own
		return err
	}
	if err := os.Chmod(dir, 0o755); err != nil { // Postgres may run as another user, and must get in
		return err
	}
	for _, kind := range o.stores {
		table, err := measure(ctx, o, kind, filepath.Join(dir, kind))
		if err != nil {
			return fmt.Errorf("%s: %w", kind, errors.Join(err, context.Cause(ctx)))
		}
		table.print(stdout, kind, o.sizes)
	}
	return nil
}
