package main

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/spf13/cobra"

	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
	"heyq/internal/fault"
	"heyq/wire"
)

func (p *program) queuesWatch() *cobra.Command {
	c := &cobra.Command{
		Use:   "watch",
		Short: "Watch the queues until you have seen enough",
		Long: `Watch the queues until Ctrl-C: live on a terminal, a line for each change
elsewhere, and with --json each change as one line of JSON. A heyq that restarts
meanwhile is waited for.`,
		Args: wantsNone,
	}
	asJSON := jsonFlag(c)
	interval := c.Flags().Duration("interval", time.Second, "time between two looks")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if *interval <= 0 {
			return fault.New(fault.Invalid, "--interval is %s; give more than zero", *interval)
		}
		client, settings, err := p.client()
		if err != nil {
			return err
		}
		w := &queueWatch{program: p, client: client, at: settings.HTTP.URL, interval: *interval, past: map[string][]int{}}
		return w.run(c.Context(), *asJSON)
	}
	return c
}

// sparks is how many looks the line of rates goes back.
const sparks = 24

// queueWatch shows how the queues go.
type queueWatch struct {
	*program
	client   *client.Client
	at       string // the heyq's URL
	interval time.Duration
	last     wire.QueueList
	past     map[string][]int // rates of the last looks, by queue
	away     time.Time        // since when it does not answer; zero: it does
}

// run looks until ctx ends, which is what Ctrl-C asks for, and no failure. The
// first look has to succeed.
func (w *queueWatch) run(ctx context.Context, asJSON bool) error {
	show := w.lines
	switch {
	case asJSON:
		encoder := jsonEncoder(w.stdout)
		show = func(q wire.QueueList, err error) error {
			if err != nil || !changed(w.last, q) {
				return nil
			}
			return encoder.Encode(q)
		}
	case w.screen.Live():
		frame := w.screen.Frame()
		defer frame.Close()
		show = func(q wire.QueueList, err error) error {
			frame.Draw(func(s *screen.Screen) { w.draw(s, q, err) })
			return nil
		}
	}
	for first := true; ; first = false {
		q, err := w.client.Queues.List(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && (first || fault.CodeOf(err) != fault.Unavailable):
			return err
		case err != nil:
			q = w.last
		}
		w.note(q, err)
		if err := show(q, err); err != nil {
			return err
		}
		w.last = q
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(w.interval):
		}
	}
}

// note keeps the rates and, if they cannot be read, since when.
func (w *queueWatch) note(q wire.QueueList, err error) {
	switch {
	case err == nil:
		w.away = time.Time{}
		for _, line := range q.Queues {
			rates := append(w.past[line.Queue], line.Rate)
			w.past[line.Queue] = rates[max(0, len(rates)-sparks):]
		}
	case w.away.IsZero():
		w.away = time.Now()
	}
}

// draw is one picture.
func (w *queueWatch) draw(s *screen.Screen, q wire.QueueList, err error) {
	s.Printf("  %s  %s\n\n", screen.Bold("heyq"), screen.Dim(fmt.Sprintf("%s · %s · every %s · Ctrl-C ends", w.at, time.Now().Format(time.TimeOnly), w.interval)))
	showQueues(s, q, w.past)
	if err != nil {
		s.Printf("\n  %s\n", screen.Bad(fmt.Sprintf("it does not answer, for %s; this is what it said last", screen.Elapsed(time.Since(w.away)))))
	}
}

// lines writes one for each thing that has changed.
func (w *queueWatch) lines(q wire.QueueList, err error) error {
	now := time.Now().Format(time.TimeOnly)
	if err != nil {
		if w.last.Queues != nil && time.Since(w.away) < w.interval {
			w.screen.Printf("%s  %s\n", now, screen.Bad(err.Error()))
		}
		return nil
	}
	if !reflect.DeepEqual(w.last.Admission, q.Admission) || w.last.Slots != q.Slots || w.last.Redis != q.Redis {
		w.screen.Printf("%s  %-11s  %s · %d of %d slots held%s\n", now, "admission", gateWords(q.Admission), q.Slots.Held, q.Slots.Limit, behind(q.Redis))
	}
	for i, line := range q.Queues {
		if i < len(w.last.Queues) && reflect.DeepEqual(still(w.last.Queues[i]), still(line)) {
			continue
		}
		w.screen.Printf("%s  %-11s  %s\n", now, line.Queue, queueWords(line))
	}
	return nil
}

func behind(text string) string {
	if text == "" {
		return ""
	}
	return " · " + screen.Bad(text)
}

// queueWords writes a queue in one line.
func queueWords(q wire.Queue) string {
	words := "running"
	if q.Paused {
		words = screen.Warn("paused")
	}
	if t := q.Tasks; t != nil {
		words += fmt.Sprintf(" · pending %d · active %d · retry %d · scheduled %d · archived %d", t.Pending, t.Active, t.Retry, t.Scheduled, t.Archived)
	}
	if r := q.Store; r != nil {
		words += fmt.Sprintf(" · waiting %d", r.Waiting)
	}
	return words
}

// changed reports whether two looks at the queues differ. It leaves out what
// changes by itself: the rates, and all of the store's figures but how many
// rows wait.
func changed(a, b wire.QueueList) bool {
	return !reflect.DeepEqual(allStill(a), allStill(b))
}

func allStill(q wire.QueueList) wire.QueueList {
	lines := make([]wire.Queue, len(q.Queues))
	for i, line := range q.Queues {
		lines[i] = still(line)
	}
	q.Queues = lines
	return q
}

// still returns q without its ages and rates, which change all the time: what remains
// changes only if something happens.
func still(q wire.Queue) wire.Queue {
	q.Rate = 0
	if q.Store != nil {
		q.Store = &wire.QueueRows{Waiting: q.Store.Waiting}
	}
	return q
}
