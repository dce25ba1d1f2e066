package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"heyq/store"
)

// NextDue looks at the small indexes only.
func (s *Store) NextDue(ctx context.Context) (store.NextDue, error) {
	list, err := collect(ctx, s, func(row pgx.CollectableRow) (d store.NextDue, err error) {
		var in float64
		err = row.Scan(&in, &d.Open)
		d.In = min(max(time.Duration(in*float64(time.Second)), 0), store.NothingDue)
		return d, err
	}, `
		SELECT coalesce(extract(epoch FROM least(open, waiting) - now()), $2)::float8, open IS NOT NULL
		  FROM (SELECT least(
		       (SELECT min(due_at) FROM videos WHERE active),
		       (SELECT min(due_at) FROM video_analytics WHERE due_at IS NOT NULL),
		       (SELECT min(due_at) FROM notifications WHERE due_at IS NOT NULL)) AS open,
		       (SELECT CASE WHEN count(*) = $1 THEN now() ELSE min(greatest(due_at, not_before)) END
		          FROM (SELECT due_at, not_before FROM videos WHERE waiting LIMIT $1) AS few) AS waiting) AS next`,
		store.DueAmong, seconds(store.NothingDue))
	if err != nil {
		return store.NextDue{}, explain(err, "look for what is due")
	}
	return list[0], nil
}
