package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/jackc/pgx/v5"

	"heyq/bench/internal/rig"
)

// report is what a run came to.
type report struct {
	Videos      int     `json:"videos"`
	Seconds     float64 `json:"seconds"`           // from the first insert to the last completion
	PerSecond   float64 `json:"videos_per_second"` // over Seconds
	Phases      []phase `json:"phases"`
	Accepted    int     `json:"billed_renders"`
	MaxInFlight int     `json:"max_in_flight"` // renders at the simulator

	CPUPer1000    map[string]float64 `json:"cpu_seconds_per_1000_videos"`
	CallsPerVideo map[string]float64 `json:"heygen_calls_per_video"`
	PeakRSS       map[string]int64   `json:"peak_rss_bytes"`

	LoadAverage float64           `json:"load_average_before"`
	Machine     string            `json:"machine"`
	FileSystem  string            `json:"file_system"`
	Settings    map[string]string `json:"settings"`
	Detail      *detail           `json:"detail,omitempty"`
	Wrong       []string          `json:"wrong"` // empty: every video completed, once
}

// phase is a part of the run.
type phase struct {
	Name        string             `json:"name"`
	Seconds     float64            `json:"seconds"`
	PerSecond   float64            `json:"videos_per_second"`
	CPUPer1000  map[string]float64 `json:"cpu_seconds_per_1000_videos"`
	OthersShare float64            `json:"others_share_of_machine"` // what strangers had of all cores, 0 to 1
}

func newReport(ctx context.Context, s *stack, load float64) (*report, error) {
	r := &report{
		Videos: s.options.videos, LoadAverage: load, Machine: rig.Machine(),
		CPUPer1000: map[string]float64{}, CallsPerVideo: map[string]float64{}, Wrong: []string{},
	}
	var err error
	if r.FileSystem, err = fileSystem(s.dir); err != nil {
		return nil, err
	}
	r.Settings, err = s.settings(ctx)
	return r, err
}

// settings are those that explain the figures.
func (s *stack) settings(ctx context.Context) (map[string]string, error) {
	o := s.options
	set := map[string]string{
		"redis":     "no file: appendonly no, save never",
		"simulator": fmt.Sprintf("--render-time 0 --concurrency %d --plain=%t, in memory", o.slots, o.plain),
		"worker":    fmt.Sprintf("%d × %s", o.workers, strings.Join(o.workerEnv(), " ")),
		"api":       strings.Join(append([]string{fmt.Sprintf("HEYGEN_CONCURRENCY=%d", o.slots)}, o.apiSettings...), " "),
	}
	rows, err := s.db.Query(ctx, `
		SELECT string_agg(name || '=' || current_setting(name), ' ' ORDER BY name) FROM pg_settings
		 WHERE name IN ('server_version', 'fsync', 'synchronous_commit', 'full_page_writes', 'autovacuum', 'shared_buffers', 'wal_level', 'max_wal_size')
		    OR source = 'command line' AND name NOT IN ('listen_addresses', 'unix_socket_directories', 'port')`)
	if err != nil {
		return nil, err
	}
	set["postgres"], err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[string])
	return set, err
}

// add appends a phase, and its share of the totals.
func (r *report) add(p phase, used usage) {
	p.CPUPer1000 = map[string]float64{}
	for name, d := range used {
		p.CPUPer1000[name] = d.Seconds() * 1000 / float64(r.Videos)
		r.CPUPer1000[name] += p.CPUPer1000[name]
	}
	p.PerSecond = float64(r.Videos) / p.Seconds
	r.Phases = append(r.Phases, p)
	r.Seconds += p.Seconds
	r.PerSecond = float64(r.Videos) / r.Seconds
}

// check notes what is not as it must be.
func (r *report) check(o outcome, accepted, all int) {
	if o.states["completed"] != all {
		r.Wrong = append(r.Wrong, fmt.Sprintf("of %d videos the states are %v", all, o.states))
	}
	if accepted != all {
		r.Wrong = append(r.Wrong, fmt.Sprintf("%d renders were billed for %d videos", accepted, all))
	}
	if o.files != all || o.bytes <= 0 {
		r.Wrong = append(r.Wrong, fmt.Sprintf("%d files are there for %d videos", o.files, all))
	}
}

func (r *report) verdict() error {
	if len(r.Wrong) == 0 {
		return nil
	}
	return errors.New(strings.Join(r.Wrong, "; "))
}

func (r *report) table(w io.Writer) {
	fmt.Fprintf(w, "%s, %s, load average before %.2f\n", r.Machine, r.FileSystem, r.LoadAverage)
	for _, name := range slices.Sorted(maps.Keys(r.Settings)) {
		fmt.Fprintf(w, "  %s: %s\n", name, r.Settings[name])
	}
	fmt.Fprintln(w)
	for _, p := range r.Phases {
		fmt.Fprintf(w, "%-8s %6d videos in %6.2f s: %6.0f videos/s; others had %.0f %% of the machine\n",
			p.Name, r.Videos, p.Seconds, p.PerSecond, p.OthersShare*100)
	}
	if len(r.Phases) > 1 {
		fmt.Fprintf(w, "%-8s %6d videos in %6.2f s: %6.0f videos/s\n", "both", r.Videos, r.Seconds, r.PerSecond)
	}
	fmt.Fprintln(w)
	r.processTable(w)
	fmt.Fprintf(w, "\nHeyGen calls a video: %.3f (", total(r.CallsPerVideo))
	for i, kind := range slices.Sorted(maps.Keys(r.CallsPerVideo)) {
		if i > 0 {
			fmt.Fprint(w, ", ")
		}
		fmt.Fprintf(w, "%s %.3f", kind, r.CallsPerVideo[kind])
	}
	fmt.Fprintf(w, "); %d renders billed, at most %d in flight\n", r.Accepted, r.MaxInFlight)
	if r.Detail != nil {
		r.Detail.table(w)
	}
}

// processTable splits the CPU time by process and phase.
func (r *report) processTable(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "CPU s per 1,000 videos\t")
	for _, p := range r.Phases {
		fmt.Fprintf(t, "%s\t", p.Name)
	}
	fmt.Fprint(t, "all\tpeak RSS\t\n")
	row := func(name string, of func(map[string]float64) float64, rss string) {
		fmt.Fprintf(t, "%s\t", name)
		for _, p := range r.Phases {
			fmt.Fprintf(t, "%.3f\t", of(p.CPUPer1000))
		}
		fmt.Fprintf(t, "%.3f\t%s\t\n", of(r.CPUPer1000), rss)
	}
	for _, name := range processes {
		row(name, func(m map[string]float64) float64 { return m[name] }, megabytes(r.PeakRSS[name]))
	}
	row("sum", total, "")
	t.Flush()
}

func total(m map[string]float64) (sum float64) {
	for _, n := range m {
		sum += n
	}
	return sum
}

func megabytes(n int64) string { return fmt.Sprintf("%.0f MB", math.Round(float64(n)/1e6)) }
