package sql

import (
	"context"

	"heyq/store"
)

// since is how long ago a time was, in microseconds; of none it is 0, and so it is of
// one that is to come.
func since(at string) string { return `{greatest}(0, coalesce({micros {now} - ` + at + `}, 0))` }

const overdue = `count(*) FILTER (WHERE due_at <= {now})`

// bounded is true of a waiting video whose user holds as many slots as it may.
const bounded = `user_id IN (
		SELECT h.user_id FROM (SELECT ` + byUser + ` AS user_id, count(*) AS n FROM videos WHERE slot AND {active} GROUP BY 1) AS h
		  JOIN turns t ON t.user_id = h.user_id WHERE h.n >= t.slots)`

var backlog = statement("read the backlog", `
	SELECT 'admission', count(*), 0, count(*) FILTER (WHERE due_at <= {now} AND NOT `+bounded+`), 0, `+since("min(due_at)")+`, `+since("min(due_at) FILTER (WHERE NOT "+bounded+")")+`
	  FROM videos WHERE {waiting} AND not_before <= {now}
	UNION ALL
	SELECT CASE WHEN `+needs[store.Create]+` THEN 'create' WHEN `+needs[store.Poll]+` THEN 'poll' ELSE 'download' END,
	       count(*), count(*) FILTER (WHERE lease_until > {now}), `+overdue+`, count(*) FILTER (WHERE slot), `+since("min({since})")+`, `+since("min(due_at)")+`
	  FROM videos WHERE {active} GROUP BY 1
	UNION ALL
	SELECT 'analytics', count(*), 0, count(*) FILTER (WHERE a.due_at <= {now}), 0, `+since("min(v.completed_at)")+`, `+since("min(a.due_at)")+`
	  FROM video_analytics a JOIN videos v ON v.id = a.video_id WHERE a.due_at IS NOT NULL
	UNION ALL
	SELECT 'notify', count(*), count(*) FILTER (WHERE run = claim AND run > 0 AND due_at > {now}), `+overdue+`, 0, `+since("min(created_at)")+`, `+since("min(due_at)")+`
	  FROM notifications WHERE due_at IS NOT NULL`)

// Backlog says what there is to do.
func (p *Protocol) Backlog(ctx context.Context) (store.Backlog, error) {
	states, err := p.Counts(ctx)
	if err != nil {
		return store.Backlog{}, err
	}
	type part struct {
		store.Load
		queue store.Queue // or admission
		slots int
	}
	parts, err := collect(ctx, p.db.Read, backlog, nil, func(row Row) (p part, err error) {
		return p, row.Scan(&p.queue, &p.Jobs, &p.Running, &p.Overdue, &p.slots, asSpan(&p.Oldest), asSpan(&p.Lag))
	})
	b, loads := store.Backlog{States: states}, map[store.Queue]store.Load{}
	for _, p := range parts {
		b.Slots += p.slots
		loads[p.queue] = p.Load
	}
	b.Admission, b.Queues = loads["admission"], store.Loads(loads)
	return b, p.explain(err, "read the backlog")
}
