package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyq/internal/fault"
	"heyq/internal/stats"
	"heyq/wire"
)

// Statistics are what is known of the operations of all processes.
// *stats.Shared is one.
type Statistics interface {
	// Own sums up what this process did, and says since when.
	Own() (stats.Summary, time.Time)
	// Summary sums up what all processes did, and says how many they are.
	Summary(ctx context.Context) (sum stats.Summary, processes int, err error)
}

func statsOp() huma.Operation {
	return huma.Operation{
		OperationID: "stats",
		Tags:        []string{healthTag},
		Summary:     "What was done outside, and how long did it take?",
		Description: "Counts every operation on the database, Redis, HeyGen, other hosts and the media store: of the process that answers, since it began, " +
			"and of all processes that are running, merged through Redis and some seconds old. Quantiles are exact within 1 %. " +
			"A failure is an operation without a usable answer; that there is no such thing, or that another was faster, is an answer. " +
			"404 where `HEYQ_STATS=false` has switched statistics off.",
		Responses: map[string]*huma.Response{"200": answers("Of this process, and of all", statsExample())},
		Errors:    []int{http.StatusNotFound},
	}
}

type statsOutput struct{ Body wire.Stats }

// sharedWithin is how long Redis may take to say what the others did.
const sharedWithin = 2 * time.Second

func (s *server) operations(ctx context.Context, _ *struct{}) (*statsOutput, error) {
	if s.stats == nil {
		return nil, fault.New(fault.NotFound, "statistics are switched off").WithHint("start heyq without HEYQ_STATS=false")
	}
	var out statsOutput
	own, since := s.stats.Own()
	out.Body.Process = wire.ProcessStats{Since: since, Operations: showOperations(own)}
	ctx, cancel := context.WithTimeout(ctx, sharedWithin)
	defer cancel()
	sum, processes, err := s.stats.Summary(ctx)
	if err != nil {
		out.Body.Problem = "Redis does not answer, so what other processes did is not known: " + err.Error()
		return &out, nil
	}
	out.Body.All = &wire.AllStats{Processes: processes, Operations: showOperations(sum)}
	return &out, nil
}

func showOperations(sum stats.Summary) wire.Operations {
	shown := wire.Operations{Totals: wire.Totals(sum.Totals), ByType: map[string]wire.OperationsOfType{}}
	for kind, of := range sum.ByType {
		names := make(map[string]wire.Totals, len(of.ByName))
		for name, totals := range of.ByName {
			names[name] = wire.Totals(totals)
		}
		shown.ByType[string(kind)] = wire.OperationsOfType{Totals: wire.Totals(of.Totals), ByName: names}
	}
	return shown
}

func statsExample() wire.Stats {
	selects := wire.Totals{
		Total: 4711, Successful: 4710, Failed: 1, Rate: 4710.0 / 4711, AverageMS: 1.9, P50MS: 1.2, P95MS: 4.8, P99MS: 12.1, MaxMS: 230.4,
	}
	all := wire.Operations{Totals: selects, ByType: map[string]wire.OperationsOfType{
		string(stats.Database): {Totals: selects, ByName: map[string]wire.Totals{"SELECT videos": selects}},
	}}
	return wire.Stats{Process: wire.ProcessStats{Since: exampleAt, Operations: all}, All: &wire.AllStats{Processes: 3, Operations: all}}
}
