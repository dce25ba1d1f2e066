package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
	"heyq/wire"
)

func (p *program) queuesList() *cobra.Command {
	c := &cobra.Command{
		Use:   "list",
		Short: "Show what there is to do in each queue",
		Long: `Show what there is to do in each queue, and whether videos are let through to
HeyGen.

Pending, active, retry, scheduled and archived are tasks in Redis, each of which
carries one video or many. Waiting is what no worker is at in the database, where the
backlog is, and oldest how long the oldest of it has been in its state. The last
column is what was finished in the last minute: videos that left the step,
notifications that ended, scheduled jobs that ran.`,
		Args: wantsNone,
	}
	return asking(p, c, func(ctx context.Context, client *client.Client, _ []string) (wire.QueueList, error) {
		return client.Queues.List(ctx)
	}, func(q wire.QueueList) { showQueues(p.screen, q, nil) })
}

// showQueues writes the gate and a table of the queues. past holds the rates of
// earlier looks, by queue; nil: there were none.
func showQueues(s *screen.Screen, q wire.QueueList, past map[string][]int) {
	s.Pairs(
		[2]string{"admission", gateWords(q.Admission)},
		[2]string{"slots", fmt.Sprintf("%s  %d of %d held", screen.Gauge(q.Slots.Held, q.Slots.Limit, 20), q.Slots.Held, q.Slots.Limit)},
	)
	if q.Redis != "" {
		s.Pairs([2]string{"Redis", "    " + screen.Bad(q.Redis)})
	}
	s.Println()
	full := screen.Table{Headings: []string{"queue", "state", "pending\t", "active\t", "retry\t", "scheduled\t", "archived\t", "waiting\t", "oldest\t", "a minute\t"}}
	short := screen.Table{Headings: []string{"queue", "state", "pending\t", "active\t", "waiting\t", "oldest\t", "a minute\t"}}
	for _, line := range q.Queues {
		row := queueRow(line)
		short.Rows = append(short.Rows, append(row[:4:4], row[7:]...))
		full.Rows = append(full.Rows, row)
	}
	tables := []screen.Table{full, short}
	if past != nil {
		tables = append([]screen.Table{withPast(full, q, past)}, tables...)
	}
	s.TableThatFits(tables)
}

// withPast adds a column that shows how the rates went.
func withPast(t screen.Table, q wire.QueueList, past map[string][]int) screen.Table {
	wide := screen.Table{Headings: append(t.Headings[:len(t.Headings):len(t.Headings)], "")}
	for i, row := range t.Rows {
		rates := past[q.Queues[i].Queue]
		spark := screen.Dim(screen.Spark(rates)) + strings.Repeat(" ", sparks-len(rates))
		wide.Rows = append(wide.Rows, append(row[:len(row):len(row)], spark))
	}
	return wide
}

// queueRow is a queue as a row of the full table. What is not known is a dash,
// and what is not there stands back.
func queueRow(q wire.Queue) []string {
	state := screen.Good("running")
	if q.Paused {
		state = screen.Warn("paused")
	}
	row := []string{screen.Bold(q.Queue), state}
	if t := q.Tasks; t != nil {
		row = append(row, howMany(t.Pending, nil), howMany(t.Active, nil), howMany(t.Retry, screen.Warn), howMany(t.Scheduled, nil), howMany(t.Archived, screen.Bad))
	} else {
		row = append(row, none, none, none, none, none)
	}
	waiting, oldest := none, none
	if r := q.Store; r != nil {
		waiting = howMany(r.Waiting, nil)
		if r.Waiting+r.Running > 0 {
			oldest = screen.Elapsed(secondsOf(r.OldestSeconds))
		}
	}
	rate := none
	if q.Tasks != nil {
		rate = howMany(q.Rate, nil)
	}
	return append(row, waiting, oldest, rate)
}

var none = screen.Dim("–")

// howMany writes a count; paint is for one that is more than nothing.
func howMany(n int, paint func(string) string) string {
	text := screen.Count(int64(n))
	switch {
	case n == 0:
		return screen.Dim(text)
	case paint != nil:
		return paint(text)
	}
	return text
}

func secondsOf(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

// gateWords says whether videos are let through, and why not.
func gateWords(a wire.Admission) string {
	switch {
	case a.State == "open":
		return screen.Good(string(a.State))
	case a.Until != nil:
		return fmt.Sprintf("%s  %s, until %s", screen.Warn(string(a.State)), a.Reason, clock(*a.Until))
	case a.State == "paused":
		return screen.Warn(string(a.State)) + "  " + a.Reason
	}
	return screen.Bad(string(a.State)) + "  " + a.Reason + screen.Dim("; one video is tried now and then, heyq admission resume opens it at once")
}
