package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
	"heyq/store"
	"heyq/wire"
)

func (p *program) schedule() *cobra.Command {
	c := asGroup(&cobra.Command{
		Use:   "schedule",
		Short: "See what heyq does by itself, and have it done now",
		Long: `See what heyq does by itself, again and again, and have it done now.

One job is in no list, since it belongs to a machine: each worker clears its own
spool at start and every minute, in whichever process schedules. Its log says what it removed.

These commands talk to a running heyq: the one at HEYQ_URL.`,
	})
	c.AddCommand(p.scheduleList(), p.scheduleRun())
	return c
}

func (p *program) scheduleList() *cobra.Command {
	c := &cobra.Command{
		Use:   "list",
		Short: "List the scheduled jobs: when they run, and what came of the last run",
		Args:  wantsNone,
	}
	return asking(p, c, func(ctx context.Context, client *client.Client, _ []string) (wire.Schedule, error) {
		return client.Schedule.List(ctx)
	}, p.showSchedule)
}

func (p *program) showSchedule(s wire.Schedule) {
	t := screen.Table{Headings: []string{"job", "every", "last run", "took\t", "outcome", "next run"}}
	for _, j := range s.Jobs {
		row := []string{j.Job, every(j.EverySeconds), screen.Dim("never"), "", "", screen.Dim("unknown")}
		if j.Last != nil {
			row[2], row[3], row[4] = clock(j.Last.StartedAt), seconds(j.Last.DurationSeconds), outcomeOf(*j.Last)
		}
		switch {
		case j.State == "waiting":
			row[5] = "waits for a worker"
		case j.NextAt != nil:
			row[5] = clock(*j.NextAt)
		}
		t.Rows = append(t.Rows, row)
	}
	p.screen.Table(t)
	switch s.Scheduler {
	case "absent":
		p.aside.Printf("%s no scheduler runs: start `heyq scheduler`\n", screen.Bad("!"))
	case "unknown":
		p.aside.Printf("%s Redis does not answer: when the jobs run next is not known\n", screen.Bad("!"))
	}
}

// outcomeOf says what came of a run.
func outcomeOf(r wire.ScheduledRun) string {
	paint := map[store.RunOutcome]func(string) string{store.RunSucceeded: screen.Good, store.RunFailed: screen.Bad}[r.Outcome]
	if paint == nil {
		paint = screen.Dim
	}
	shown := paint(string(r.Outcome))
	for _, more := range []string{r.Result, r.Error} {
		if more != "" {
			shown += ": " + more
		}
	}
	return shown
}

// every writes a period: 15m, 6h.
func every(n float64) string {
	d := (time.Duration(n) * time.Second).String()
	return strings.TrimSuffix(strings.TrimSuffix(d, "0s"), "0m")
}
