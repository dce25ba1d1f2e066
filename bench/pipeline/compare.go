package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"text/tabwriter"
	"time"
)

// variants are what -compare knows: an environment for each side of a question.
// Both sides run in turn, since the machine's speed changes while one looks at
// it. With -against it is another program that runs on the other side.
var variants = map[string]struct {
	with, without pairs
	scrape        bool // Prometheus comes by, with
}{
	"stats": {with: pairs{"HEYQ_STATS=true"}, without: pairs{"HEYQ_STATS=false"}, scrape: true},
}

// comparison is what it costs to have something.
type comparison struct {
	Of      string   `json:"of"`
	With    []report `json:"with"`
	Without []report `json:"without"`

	// What having it does to the median: above 1 is more.
	Throughput float64 `json:"throughput_ratio"`     // of the work's videos a second
	CPU        float64 `json:"cpu_ratio"`            // of the CPU time of heyq and its servers
	Spread     float64 `json:"cpu_spread_of_a_side"` // between the runs of one side: less than that is not seen

	Ratios []float64 `json:"throughput_ratios"` // of each pair by itself: its runs are neighbours in time
}

// compare takes turns: with, without; without, with; and so on.
func compare(ctx context.Context, o options, progress io.Writer) (*comparison, error) {
	v := variants[o.compare]
	c := &comparison{Of: o.compare}
	if o.against != "" {
		c.Of = "this heyq"
	}
	for pair := range o.pairs {
		sides := []bool{true, false}
		if pair%2 == 1 {
			slices.Reverse(sides)
		}
		for _, with := range sides {
			one := o
			set := v.without
			if with {
				set, one.scrape = v.with, v.scrape
			}
			one.workerSettings = slices.Concat(o.workerSettings, set)
			one.apiSettings = slices.Concat(o.apiSettings, set)
			if o.against != "" && !with {
				one.heyq = o.against
			}
			fmt.Fprintf(progress, "pair %d of %d, %s %s\n", pair+1, o.pairs, one.heyq, set.String())
			r, err := measure(ctx, one, progress)
			if err != nil {
				return nil, err
			}
			if with {
				c.With = append(c.With, *r)
			} else {
				c.Without = append(c.Without, *r)
			}
		}
	}
	for i := range c.With {
		c.Ratios = append(c.Ratios, worked(c.With[i])/worked(c.Without[i]))
	}
	c.Throughput = median(c.With, worked) / median(c.Without, worked)
	c.CPU = median(c.With, cpu) / median(c.Without, cpu)
	c.Spread = max(spread(c.With, cpu), spread(c.Without, cpu))
	return c, nil
}

// worked is the videos a second of the work, without their insertion.
func worked(r report) float64 { return r.Phases[len(r.Phases)-1].PerSecond }

// cpu is what heyq and its servers used for 1,000 videos; neither the simulator
// nor the benchmark has anything to do with what is compared.
func cpu(r report) float64 {
	return r.CPUPer1000["api"] + r.CPUPer1000["worker"] + r.CPUPer1000["postgres"] + r.CPUPer1000["redis"]
}

func median(runs []report, of func(report) float64) float64 {
	values := sorted(runs, of)
	middle := len(values) / 2
	if len(values)%2 == 1 {
		return values[middle]
	}
	return (values[middle-1] + values[middle]) / 2
}

// spread is the distance between the quarters of the runs, as a share of their
// median: 0.05 is 5 %.
func spread(runs []report, of func(report) float64) float64 {
	values := sorted(runs, of)
	quarter := len(values) / 4
	return (values[len(values)-1-quarter] - values[quarter]) / median(runs, of)
}

func sorted(runs []report, of func(report) float64) []float64 {
	var values []float64
	for _, r := range runs {
		values = append(values, of(r))
	}
	slices.Sort(values)
	return values
}

func (c *comparison) verdict() error {
	for _, r := range slices.Concat(c.With, c.Without) {
		if err := r.verdict(); err != nil {
			return err
		}
	}
	return nil
}

func (c *comparison) table(w io.Writer) {
	first := c.With[0]
	fmt.Fprintf(w, "%s, %s, %d videos a run\n\n", first.Machine, first.FileSystem, first.Videos)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "pair\twith %s: videos/s\tCPU s per 1,000\tothers\twithout: videos/s\tCPU s per 1,000\tothers\t\n", c.Of)
	for i := range c.With {
		fmt.Fprintf(t, "%d\t", i+1)
		for _, r := range []report{c.With[i], c.Without[i]} {
			fmt.Fprintf(t, "%.0f\t%.3f\t%.0f %%\t", worked(r), cpu(r), 100*r.Phases[len(r.Phases)-1].OthersShare)
		}
		fmt.Fprintln(t)
	}
	fmt.Fprintf(t, "median\t%.0f\t%.3f\t\t%.0f\t%.3f\t\t\n", median(c.With, worked), median(c.With, cpu), median(c.Without, worked), median(c.Without, cpu))
	t.Flush()
	fmt.Fprintf(w, "\nwith %s the throughput is %+.1f %%, and the CPU time of heyq, Postgres and Redis %+.1f %% (runs of one side differ by %.1f %%)\n",
		c.Of, 100*(c.Throughput-1), 100*(c.CPU-1), 100*c.Spread)
	ratios := slices.Sorted(slices.Values(c.Ratios))
	fmt.Fprintf(w, "the throughput of a pair's two runs: a ratio of %.3f at the median, %.3f to %.3f\n", ratios[len(ratios)/2], ratios[0], ratios[len(ratios)-1])
}

// scraping asks the API for its metrics as Prometheus does, until ctx ends.
func (s *stack) scraping(ctx context.Context) {
	for tick := time.Tick(15 * time.Second); ; {
		_ = ask(ctx, http.MethodGet, s.apiURL+"/metrics", nil, nil) // a scrape that fails costs the same
		select {
		case <-ctx.Done():
			return
		case <-tick:
		}
	}
}
