package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"heyq/bench/internal/rig"
)

// queuedReport says how much memory heyq takes while videos wait.
type queuedReport struct {
	LoadAverage float64  `json:"load_average_before"`
	Machine     string   `json:"machine"`
	Backlogs    []memory `json:"queued"`
}

// memory is the peak RSS by process, in bytes, with so many videos queued:
// once they are all in, and after so many of them were completed as there are
// in the smallest backlog, so that all backlogs had the same work.
type memory struct {
	Videos   int              `json:"videos"`
	Inserted map[string]int64 `json:"peak_rss_bytes_inserted"`
	Worked   map[string]int64 `json:"peak_rss_bytes_worked"`
}

// measureQueued looks at each backlog with processes of its own: a peak never
// falls again.
func measureQueued(ctx context.Context, o options, progress io.Writer) (*queuedReport, error) {
	r := &queuedReport{LoadAverage: rig.LoadAverage(), Machine: rig.Machine()}
	work := slices.Min(o.queued)
	for _, n := range o.queued {
		fmt.Fprintf(progress, "queueing %d videos\n", n)
		m, err := measureMemory(ctx, o, n, work)
		if err != nil {
			return nil, fmt.Errorf("with %d videos queued: %w", n, err)
		}
		r.Backlogs = append(r.Backlogs, m)
	}
	return r, nil
}

func measureMemory(ctx context.Context, o options, n, work int) (m memory, err error) {
	ctx, s, err := start(ctx, o)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := inTurn(ctx, s.insert(o.warmUp), s.finished, s.pause, s.insert(n)); err != nil {
		return m, err
	}
	m = memory{Videos: n}
	if m.Inserted, err = s.peaks(); err != nil {
		return m, err
	}
	if err := inTurn(ctx, s.resume, s.completed(o.warmUp+work)); err != nil {
		return m, err
	}
	m.Worked, err = s.peaks()
	return m, err
}

// verdict is nil: what counts is in the figures.
func (r *queuedReport) verdict() error { return nil }

func (r *queuedReport) table(w io.Writer) {
	fmt.Fprintf(w, "%s, load average before %.2f\n\n", r.Machine, r.LoadAverage)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "peak RSS with queued\tapi\tworker\tand after work: api\tworker\t\n")
	for _, m := range r.Backlogs {
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t\n", m.Videos, megabytes(m.Inserted["api"]), megabytes(m.Inserted["worker"]),
			megabytes(m.Worked["api"]), megabytes(m.Worked["worker"]))
	}
	t.Flush()
}
