package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Spent is the price of every video that was measured: of those in the daily
// totals, whether or not they still exist, and of those that are in none yet.
func (s *Store) Spent(ctx context.Context) (usd float64, err error) {
	sums, err := collect(ctx, s, pgx.RowTo[float64], `
		SELECT (coalesce((SELECT sum(price) FROM daily_totals), 0)
		      + coalesce((SELECT sum(price) FROM video_analytics WHERE completed_at IS NOT NULL AND NOT counted), 0))::float8`)
	if err != nil {
		return 0, explain(err, "sum up what was spent")
	}
	return sums[0], nil
}
