package sqlite

import (
	"context"
	"database/sql"
	"time"

	"heyq/store"
)

// NextDue looks at the small indexes only.
func (s *Store) NextDue(ctx context.Context) (store.NextDue, error) {
	list, err := collect(ctx, s.reader, func(row scanner) (d store.NextDue, err error) {
		var in int64 // microseconds
		err = row.Scan(&in, &d.Open)
		d.In = min(max(time.Duration(in)*time.Microsecond, 0), store.NothingDue)
		return d, err
	}, `
		WITH open (at) AS (
		     SELECT min(due_at) FROM videos WHERE `+open+`
		      UNION ALL SELECT min(due_at) FROM video_analytics WHERE due_at IS NOT NULL
		      UNION ALL SELECT min(due_at) FROM notifications WHERE due_at IS NOT NULL),
		waiting (at) AS (
		     SELECT CASE WHEN count(*) = :among THEN :now ELSE min(max(due_at, not_before)) END
		       FROM (SELECT due_at, not_before FROM videos WHERE `+waiting+` LIMIT :among))
		SELECT coalesce((SELECT min(at) FROM (SELECT at FROM open UNION ALL SELECT at FROM waiting)) - :now, :nothing),
		       EXISTS (SELECT 1 FROM open WHERE at IS NOT NULL)`,
		s.now(), sql.Named("among", store.DueAmong), interval("nothing", store.NothingDue))
	if err != nil {
		return store.NextDue{}, explain(err, "look for what is due")
	}
	return list[0], nil
}
