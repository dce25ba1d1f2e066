// Command heyq turns requests for HeyGen videos into finished files.
//
// It is one binary: the service in one process (up) or in roles (api, worker,
// scheduler), the commands that talk to a running one (videos, admission,
// queues), and what helps to run it (migrate, config, doctor, simulator, demo).
//
//	main.go      signals, exit code
//	run.go       the tree of commands
//	failure.go   error → what a person reads, and → exit code
//	<command>.go one file a subcommand
//	internal/    sheet (CSV), screen (tables, progress)
//
// A command returns errors and writes results; it logs nothing and never exits.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// gcPercent is how far the heap may grow before it is collected. heyq's is a few
// megabytes, and Go's default of 100 would collect it many times a second.
const gcPercent = 400

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	_, _ = memlimit.Set() // nine tenths of what the container may have, unless GOMEMLIMIT says; without a cgroup: no limit
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second signal ends what the first did not
	os.Exit(run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}
