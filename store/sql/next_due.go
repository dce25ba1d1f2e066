package sql

import (
	"context"

	"heyq/store"
)

var nextDue = statement("look for what is due", `
	WITH open (at) AS (
	     SELECT min(due_at) FROM videos WHERE {active}
	      UNION ALL SELECT min(due_at) FROM video_analytics WHERE due_at IS NOT NULL
	      UNION ALL SELECT min(due_at) FROM notifications WHERE due_at IS NOT NULL),
	waiting (at) AS (
	     SELECT CASE WHEN count(*) = CAST(@among AS bigint) THEN {now} ELSE min({greatest}(due_at, not_before)) END
	       FROM (SELECT due_at, not_before FROM videos WHERE {waiting} LIMIT CAST(@among AS bigint)) AS few)
	SELECT coalesce({micros (SELECT min(at) FROM (SELECT at FROM open UNION ALL SELECT at FROM waiting) AS all_of_them) - {now}}, CAST(@nothing AS bigint)),
	       EXISTS (SELECT 1 FROM open WHERE at IS NOT NULL)`)

// NextDue looks at the small indexes only.
func (p *Protocol) NextDue(ctx context.Context) (store.NextDue, error) {
	list, err := collect(ctx, p.db.Read, nextDue, Args{"among": store.DueAmong, "nothing": store.NothingDue}, func(row Row) (d store.NextDue, err error) {
		err = row.Scan(asSpan(&d.In), &d.Open)
		d.In = min(max(d.In, 0), store.NothingDue)
		return d, err
	})
	if err != nil {
		return store.NextDue{}, p.explain(err, "look for what is due")
	}
	return list[0], nil
}
