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
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"heyq/internal/servers"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("requeue: ")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		log.Fatalln(err) // exit code 1
	}
}

// options are the flags.
type options struct {
	jobs, runs int
	cancel     bool
	stores     []string
	dir        string
	binary     string
	timeout    time.Duration
}

func parse(args []string, stderr io.Writer) (o options, err error) {
	f := flag.NewFlagSet("requeue", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.IntVar(&o.jobs, "jobs", 10_000, "failed downloads, or videos that wait")
	f.BoolVar(&o.cancel, "cancel", false, "cancel videos that wait instead")
	f.IntVar(&o.runs, "runs", 3, "how often each store is measured, from new")
	f.StringVar(&o.dir, "dir", "", "folder to work in, say on another disk (default: the system's temporary one)")
	f.StringVar(&o.binary, "heyq", "", "heyq binary to measure (default: built from this checkout)")
	f.DurationVar(&o.timeout, "timeout", 10*time.Minute, "give up after this")
	stores := f.String("stores", "postgres,sqlite", "which stores")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	o.stores = strings.Split(*stores, ",")
	switch {
	case f.NArg() > 0:
		return o, fmt.Errorf("%q is no flag", f.Arg(0))
	case o.jobs < 1 || o.runs < 1:
		return o, errors.New("-jobs and -runs must be 1 or more")
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
	dir, err := os.MkdirTemp(o.dir, "heyq-requeue-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o755); err != nil { // Postgres may run as another user, and must get in
		return err
	}
	if o.binary == "" {
		o.binary = filepath.Join(dir, "heyq")
		if err := servers.BuildHeyq(ctx, o.binary); err != nil {
			return err
		}
	}
	fmt.Fprintf(stdout, "%-10s %5s %10s %12s\n", "store", "run", "seconds", "jobs/s")
	for _, kind := range o.stores {
		for n := range o.runs {
			took, err := measure(ctx, o, kind, filepath.Join(dir, fmt.Sprintf("%s-%d", kind, n)))
			if err != nil {
				return fmt.Errorf("%s, run %d: %w", kind, n+1, errors.Join(err, context.Cause(ctx)))
			}
			fmt.Fprintf(stdout, "%-10s %5d %10.2f %12.0f\n", kind, n+1, took.Seconds(), float64(o.jobs)/took.Seconds())
		}
	}
	return nil
}
