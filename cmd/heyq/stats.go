package main

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
	"heyq/internal/stats"
	"heyq/wire"
)

func (p *program) stats() *cobra.Command {
	c := &cobra.Command{
		Use:   "stats",
		Short: "Say what heyq does outside, how often it fails, and how long it takes",
		Long: `Say what heyq does outside: every statement, HTTP request, Redis command and file
operation, how many of them failed, and how long they took. Of each type the names
follow that took most of the time.

The figures are those of all processes that share a Redis, each since it began. With
--process they are of the one that answers at HEYQ_URL.`,
		Example: `  heyq stats
  heyq stats --types
  heyq stats --json | jq '.all.operations_by_type.http_request.success_rate'`,
		Args: wantsNone,
	}
	process := c.Flags().Bool("process", false, "of the process that answers, and no other")
	types := c.Flags().Bool("types", false, "the types alone, without their names")
	return asking(p, c, func(ctx context.Context, client *client.Client, _ []string) (wire.Stats, error) {
		return client.Server.Stats(ctx)
	}, func(s wire.Stats) { p.showStats(s, *process, *types) })
}

func (p *program) showStats(s wire.Stats, process, types bool) {
	sum, of := s.Process.Operations, "The process that answers, which began "+humanize.Time(s.Process.Since)
	if s.All != nil && !process {
		sum, of = s.All.Operations, "All processes: "+screen.Count(int64(s.All.Processes))
	}
	p.screen.Printf("%s\n\n", screen.Bold(of))
	p.screen.Table(statsTable(sum, types))
	if s.Problem != "" && !process {
		p.screen.Printf("\n%s %s\n", screen.Bad("!"), s.Problem)
	}
}

func statsTable(sum wire.Operations, types bool) screen.Table {
	t := screen.Table{Headings: []string{"operation", "number\t", "failed\t", "success\t", "average\t", "p50\t", "p95\t", "p99\t", "longest\t"}}
	for _, kind := range stats.Types {
		of := sum.ByType[string(kind)]
		t.Rows = append(t.Rows, statsRow(screen.Bold(string(kind)), of.Totals))
		if types {
			continue
		}
		// What takes most of the time comes first.
		names := slices.SortedFunc(maps.Keys(of.ByName), func(a, b string) int {
			return cmp.Or(-cmp.Compare(spentMS(of.ByName[a]), spentMS(of.ByName[b])), cmp.Compare(a, b))
		})
		for _, name := range names {
			t.Rows = append(t.Rows, statsRow("  "+name, of.ByName[name]))
		}
	}
	t.Rows = append(t.Rows, statsRow(screen.Bold("all"), sum.Totals))
	return t
}

func spentMS(t wire.Totals) float64 { return t.AverageMS * float64(t.Total) }

// alarming is the success rate below which an alert is told.
const alarming = 0.95

func statsRow(name string, t wire.Totals) []string {
	if t.Total == 0 {
		return []string{name, "0", "", "", "", "", "", "", ""}
	}
	failed, success := "", strconv.FormatFloat(100*t.Rate, 'f', 2, 64)+" %"
	if t.Failed > 0 {
		failed = screen.Bad(screen.Count(t.Failed))
	}
	if t.Rate < alarming {
		success = screen.Bad(success)
	}
	row := []string{name, screen.Count(t.Total), failed, success}
	for _, ms := range []float64{t.AverageMS, t.P50MS, t.P95MS, t.P99MS, t.MaxMS} {
		row = append(row, milliseconds(ms))
	}
	return row
}

// milliseconds writes a duration with about three digits: 0.29 ms, 12.3 ms,
// 1,234 ms, 12.3 s.
func milliseconds(ms float64) string {
	switch {
	case ms < 10:
		return strconv.FormatFloat(ms, 'f', 2, 64) + " ms"
	case ms < 100:
		return strconv.FormatFloat(ms, 'f', 1, 64) + " ms"
	case ms < 10_000:
		return screen.Count(int64(ms)) + " ms"
	}
	return seconds(ms / float64(time.Second/time.Millisecond))
}
