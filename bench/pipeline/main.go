// Command pipeline measures heyq as a whole, from the first HTTP request to
// the last checked file, with everything on this machine:
//
//	bench ── POST /v1/videos/batch ──► heyq api ──► Postgres ◄── heyq worker ──► heyq simulator
//	                                                Redis    ◄──┘
//
// Each box is a process of its own, on loopback or a unix socket, in a folder
// that is removed afterwards. Postgres keeps what it has answered, as it would
// in production; Redis keeps nothing, because heyq needs nothing of it kept.
// The simulator renders in no time, so what is measured is heyq's own work and
// that of its servers.
//
// Data flows in a straight line: stack.go starts the processes, load.go puts
// the videos in and waits for them, usage.go reads what that took from /proc,
// report.go words it. With -queued, queued.go looks at memory instead; with
// -compare, compare.go measures twice as much and words the difference; so it does with
// -against, which names an older heyq.
//
// It runs on Linux only, and changes nothing outside of its folder.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"

	"heyq/bench/internal/rig"
)

func main() { rig.Main("pipeline", run) }

// result is what a run came to: a table for people, and an object for -json.
type result interface {
	table(w io.Writer)
	verdict() error // nil if everything is as it must be
}

// run measures what args ask for. Nothing that it started outlives it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	var r result
	err = o.Run(ctx, func(ctx context.Context, dir string) (err error) {
		o.dir, o.heyq = dir, o.Heyq
		if o.against != "" {
			if o.against, err = filepath.Abs(o.against); err != nil {
				return err
			}
		}
		switch {
		case len(o.queued) > 0:
			r, err = measureQueued(ctx, o, stderr)
		case o.compare != "", o.against != "":
			r, err = compare(ctx, o, stderr)
		default:
			r, err = measure(ctx, o, stderr)
		}
		return err
	})
	if err != nil {
		return err
	}
	if o.json {
		err = json.NewEncoder(stdout).Encode(r)
	} else {
		r.table(stdout)
	}
	return errors.Join(err, r.verdict())
}
