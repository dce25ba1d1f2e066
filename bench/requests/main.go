// Command requests measures how many requests the API answers, and how soon, with
// everything on this machine:
//
//	users    GET /v1/users/{id}, with the cache in Redis and without one, in turn; and the
//	         same by a call, without HTTP
//	creates  POST /v1/videos, one video each, by 1, 8, 32 and 64 connections of -users
//	mixed    lists, single videos, users, files and creates of -users at a fixed rate,
//	         beside a pipeline that works: what waits for its answer keeps nothing else
//	         from being sent, so that waiting is counted
//
// The API of users runs in this program; the others have a heyq each in processes of its
// own. Postgres keeps what it has answered, as in production. Fairness and the limits are
// on: the users have their limits raised, or a minute's worth of requests would be all.
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
	"runtime"
	"strconv"
	"strings"
	"time"

	"heyq/bench/internal/rig"
)

func main() { rig.Main("requests", run) }

// options are the flags.
type options struct {
	*rig.Flags
	what        []string
	connections []int
	each        time.Duration
	rounds      int
	users       int
	keyed       bool
	profile     string
	rate        int
	length      time.Duration
	beside      int
}

func parse(args []string, stderr io.Writer) (o options, err error) {
	o.Flags = rig.NewFlags("requests", stderr, time.Hour)
	o.TakesHeyq()
	o.Names(&o.what, "what", "what to measure", "users", "creates", "mixed")
	connections := o.String("connections", "1,8,32,64", "by how many connections at a time; users takes the last one")
	o.DurationVar(&o.each, "for", 5*time.Second, "how long each figure is measured")
	o.IntVar(&o.rounds, "rounds", 3, "users, creates: how often each figure is measured; the median counts")
	o.IntVar(&o.users, "users", 200, "how many users there are")
	o.BoolVar(&o.keyed, "keyed", false, "creates: with an Idempotency-Key each")
	o.StringVar(&o.profile, "profile", "", "creates: serve the API in this program, and write a CPU profile to this `file`")
	o.IntVar(&o.rate, "rate", 200, "mixed: requests a second")
	o.DurationVar(&o.length, "length", 5*time.Minute, "mixed: for how long")
	o.IntVar(&o.beside, "beside", 20, "mixed: videos a second that the owner asks for besides, in batches")
	if err := o.Parse(args); err != nil {
		return o, err
	}
	for word := range strings.SplitSeq(*connections, ",") {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 {
			return o, fmt.Errorf("-connections %s: %q is no number of 1 or more", *connections, word)
		}
		o.connections = append(o.connections, n)
	}
	if o.each <= 0 || o.length <= 0 || o.rounds < 1 || o.users < 1 || o.rate < 1 || o.beside < 0 {
		return o, errors.New("-for, -length, -rounds, -users and -rate must be more than zero, -beside zero or more")
	}
	return o, nil
}

// run measures what args ask for. Nothing that it started outlives it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	measures := map[string]func(context.Context, options, *servers, io.Writer) error{
		"users": measureUsers, "creates": measureCreates, "mixed": measureMixed,
	}
	return o.Run(ctx, func(ctx context.Context, dir string) error {
		fmt.Fprintf(stdout, "%s, load average before %.2f, GOMAXPROCS %d\n", rig.Machine(), rig.LoadAverage(), runtime.GOMAXPROCS(0))
		for _, what := range o.what {
			if err := on(ctx, o, filepath.Join(dir, what), func(ctx context.Context, s *servers) error {
				fmt.Fprintln(stdout)
				return measures[what](ctx, o, s, stdout)
			}); err != nil {
				return fmt.Errorf("%s: %w", what, err)
			}
		}
		return nil
	})
}
