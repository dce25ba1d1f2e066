package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyq/internal/fault"
	"heyq/internal/stats"
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
			"A failure is an operation without a usable answer; that there is no such thing, or that somebody else was faster, is an answer. " +
			"404 where `HEYQ_STATS=false` has switched statistics off.",
		Responses: map[string]*huma.Response{"200": answerOf("Of this process, and of all", statsExample())},
		Errors:    []int{http.StatusNotFound},
	}
}

// Stats are the operations of the process that answers, and of all.
type Stats struct {
	Process ProcessStats `json:"process"`
	All     *AllStats    `json:"all" doc:"null where Redis, through which the processes tell each other, does not answer"`
	Problem string       `json:"problem" doc:"Why all is null; empty where it is not"`
}

// ProcessStats are those of the process that answers.
type ProcessStats struct {
	Since time.Time `json:"since" doc:"When the process began"`
	stats.Summary
}

// AllStats are those of all processes.
type AllStats struct {
	Processes int `json:"processes" doc:"How many they are; one that has ended counts for half a minute"`
	stats.Summary
}

type statsOutput struct{ Body Stats }

// sharedWithin is how long Redis may take to say what the others did.
const sharedWithin = 2 * time.Second

func (s *server) operations(ctx context.Context, _ *struct{}) (*statsOutput, error) {
	if s.stats == nil {
		return nil, fault.New(fault.NotFound, "statistics are switched off").WithHint("start heyq without HEYQ_STATS=false")
	}
	var out statsOutput
	out.Body.Process.Summary, out.Body.Process.Since = s.stats.Own()
	ctx, cancel := context.WithTimeout(ctx, sharedWithin)
	defer cancel()
	sum, processes, err := s.stats.Summary(ctx)
	if err != nil {
		out.Body.Problem = "Redis does not answer, so what other processes did is not known: " + err.Error()
		return &out, nil
	}
	out.Body.All = &AllStats{processes, sum}
	return &out, nil
}

func statsExample() Stats {
	selects := stats.Totals{
		Total: 4711, Successful: 4710, Failed: 1, Rate: 4710.0 / 4711, AverageMS: 1.9, P50MS: 1.2, P95MS: 4.8, P99MS: 12.1, MaxMS: 230.4,
	}
	sum := stats.Summary{Totals: selects, ByType: map[stats.Type]stats.TypeSummary{
		stats.Database: {Totals: selects, ByName: map[string]stats.Totals{"SELECT videos": selects}},
	}}
	return Stats{Process: ProcessStats{exampleAt, sum}, All: &AllStats{3, sum}}
}
