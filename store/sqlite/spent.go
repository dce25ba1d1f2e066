package sqlite

import "context"

// Spent is the price of every video that was measured. The last day of the daily
// totals may have grown since: of it and what follows, the measurements count.
func (s *Store) Spent(ctx context.Context) (usd float64, err error) {
	sums, err := collect(ctx, s.reader, func(row scanner) (usd float64, err error) { return usd, row.Scan(&usd) }, `
		WITH last AS (SELECT max(day) AS day FROM daily_totals)
		SELECT coalesce((SELECT sum(price) FROM daily_totals, last WHERE daily_totals.day < last.day), 0.0)
		     + coalesce((SELECT sum(price) FROM video_analytics, last
		                  WHERE completed_at >= coalesce(unixepoch(last.day) * 1000000, 0)), 0.0)`)
	if err != nil {
		return 0, explain(err, "sum up what was spent")
	}
	return sums[0], nil
}
