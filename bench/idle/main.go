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
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"heyq/internal/servers"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("idle: ")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		log.Fatalln(err) // exit code 1
	}
}

// layouts are the processes of each heyq that can be measured.
var layouts = map[string][]string{
	"sqlite":   {"up"},
	"postgres": {"up"},
	"roles":    {"api", "worker", "scheduler"},
}

// options are the flags.
type options struct {
	layouts        []string
	quiet, measure time.Duration
	dir, binary    string
}

func parse(args []string, stderr io.Writer) (o options, err error) {
	f := flag.NewFlagSet("idle", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.DurationVar(&o.quiet, "quiet", 75*time.Second, "how long nothing happens before anything is measured")
	f.DurationVar(&o.measure, "measure", time.Minute, "for how long transactions are counted")
	f.StringVar(&o.dir, "dir", "", "folder to work in (default: the system's temporary one)")
	f.StringVar(&o.binary, "heyq", "", "heyq binary to measure (default: built from this checkout)")
	list := f.String("layouts", "sqlite,postgres,roles", "which")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	o.layouts = strings.Split(*list, ",")
	for _, l := range o.layouts {
		if layouts[l] == nil {
			return o, fmt.Errorf("-layouts %s: there are sqlite, postgres and roles", *list)
		}
	}
	switch {
	case f.NArg() > 0:
		return o, fmt.Errorf("%q is no flag", f.Arg(0))
	case o.quiet < 0 || o.measure <= 0:
		return o, errors.New("-quiet must be 0 or more, and -measure more")
	}
	return o, nil
}

// run measures what args ask for. Nothing that it started outlives it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(o.dir, "heyq-idle-")
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
	fmt.Fprintf(stdout, "%-10s %15s %12s %12s %12s %12s\n", "layout", "transactions/s", "written B/s", "% of a core", "API, s", "InTx, s")
	for _, layout := range o.layouts {
		r, err := measure(ctx, o, layout, filepath.Join(dir, layout))
		if err != nil {
			return fmt.Errorf("%s: %w", layout, err)
		}
		fmt.Fprintf(stdout, "%-10s %15s %12.0f %12.1f %12.2f %12s\n", layout, r.transactions, r.written, r.cpu, r.api.Seconds(), r.inTx)
	}
	return nil
}
