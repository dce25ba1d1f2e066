package sqlite

import (
	"context"
	"time"

	"heyq/store"
)

// Backlog says what there is to do.
func (s *Store) Backlog(ctx context.Context) (store.Backlog, error) {
	states, err := s.Counts(ctx)
	if err != nil {
		return store.Backlog{}, err
	}
	const (
		since   = `max(0, coalesce(:now - `
		ago     = `, 0))`
		overdue = `count(*) FILTER (WHERE due_at <= :now)`
		running = `count(*) FILTER (WHERE lease_until > :now)`
		lag     = since + `min(due_at)` + ago
	)
	b := store.Backlog{States: states}
	_, err = collect(ctx, s.reader, func(row scanner) (store.Load, error) {
		var name string
		var load store.Load
		var slots int
		var oldest, lag int64 // microseconds
		if err := row.Scan(&name, &load.Jobs, &load.Running, &load.Overdue, &slots, &oldest, &lag); err != nil {
			return load, err
		}
		load.Oldest, load.Lag = time.Duration(oldest)*time.Microsecond, time.Duration(lag)*time.Microsecond
		b.Slots += slots
		switch name {
		case "admission":
			b.Admission = load
		case "analyses":
			b.Analyses = load
		case "notifications":
			b.Notifications = load
		default:
			*b.At(store.Step(name)) = load
		}
		return load, nil
	}, `
		SELECT 'admission', count(*), 0, `+overdue+`, 0, `+lag+`, `+lag+`
		  FROM videos WHERE `+waiting+` AND not_before <= :now
		UNION ALL
		SELECT CASE WHEN `+needs[store.Create]+` THEN 'create' WHEN `+needs[store.Poll]+` THEN 'poll' ELSE 'download' END,
		       count(*), `+running+`, `+overdue+`, count(*) FILTER (WHERE slot), `+since+`min(timeline ->> '$[#-1].at')`+ago+`, `+lag+`
		  FROM videos WHERE `+open+` GROUP BY 1
		UNION ALL
		SELECT 'analyses', count(*), 0, count(*) FILTER (WHERE a.due_at <= :now), 0, `+since+`min(v.completed_at)`+ago+`, `+since+`min(a.due_at)`+ago+`
		  FROM video_analytics a JOIN videos v ON v.id = a.video_id WHERE a.due_at IS NOT NULL
		UNION ALL
		SELECT 'notifications', count(*), count(*) FILTER (WHERE run = claim AND run > 0 AND due_at > :now), `+overdue+`, 0, `+since+`min(created_at)`+ago+`, `+lag+`
		  FROM notifications WHERE due_at IS NOT NULL`, s.now())
	return b, explain(err, "read the backlog")
}
