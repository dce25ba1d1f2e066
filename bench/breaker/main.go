// Command breaker measures how fast all processes stop calling a HeyGen that one
// of them finds down, and how many calls they make until it is back:
//
//	heyq worker 1 ──► door ──► simulator     worker 1 meets what -fault says,
//	heyq worker 2 ──►                        the others meet nothing
//	heyq worker 3 ──►
//
// Each worker is a process of its own, on a real Postgres and Redis, and asks
// about renders all the time. The door in front of the simulator notes every
// request and who made it. When worker 1 logs that its breaker opens, the clock
// starts; the last request of anybody else says how long the news took. From
// then on HeyGen is down for all until one probe has failed, and up again for the
// second.
//
// stack.go starts the processes, door.go stands in front of the simulator,
// round.go plays one opening and its end. Linux only; everything is in a folder
// that is removed afterwards.
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
	"strings"
	"syscall"
	"text/tabwriter"
	"time"
)

// options are the flags.
type options struct {
	workers, rounds int
	open            time.Duration
	faults          string
	binary          string
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("breaker: ")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		log.Fatalln(err)
	}
}

// run plays the rounds that args ask for. Nothing that it started outlives it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	var o options
	f := flag.NewFlagSet("breaker", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.IntVar(&o.workers, "workers", 3, "worker processes, 2 or more")
	f.IntVar(&o.rounds, "rounds", 3, "openings for each fault")
	f.DurationVar(&o.open, "open", 5*time.Second, "how long the breaker stays open (HEYQ_BREAKER_OPEN)")
	f.StringVar(&o.faults, "fault", "500,hang,reset", "what HeyGen does while it is down")
	f.StringVar(&o.binary, "heyq", "", "heyq binary to measure (default: built from this checkout)")
	if err := f.Parse(args); err != nil {
		return err
	}
	if o.workers < 2 || o.rounds < 1 {
		return errors.New("-workers must be 2 or more, -rounds 1 or more")
	}
	s, err := start(ctx, o, stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()

	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "fault\tround\tthe others call\tlast call of the others\twhile open\tprobes until it closed\tall call again after")
	var failed error
	for name := range strings.SplitSeq(o.faults, ",") {
		fault, known := faults[name]
		if !known {
			return fmt.Errorf("unknown fault %q; known: 500, hang, reset", name)
		}
		for n := range o.rounds {
			r, err := s.round(ctx, fault)
			if err != nil {
				return fmt.Errorf("%s, round %d: %w", name, n+1, err)
			}
			fmt.Fprintf(table, "%s\t%d\t%d/s\t%s\t%d calls\t%d\t%s\n", name, n+1, r.rate, ms(r.stopped), r.leaked, r.probes, ms(r.resumed))
			if r.stopped > time.Second || r.leaked > 0 || r.probes != 2 {
				failed = errors.New("not every opening was as it must be: calls within 1 s, none while open, one probe a wait")
			}
		}
	}
	return errors.Join(table.Flush(), failed)
}

func ms(d time.Duration) string { return d.Round(time.Millisecond).String() }
