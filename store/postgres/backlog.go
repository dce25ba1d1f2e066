package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"heyq/store"
)

// Backlog says what there is to do.
func (s *Store) Backlog(ctx context.Context) (store.Backlog, error) {
	states, err := s.Counts(ctx)
	if err != nil {
		return store.Backlog{}, err
	}
	type part struct {
		Name                         string
		Jobs, Running, Overdue, Slot int
		Oldest, Lag                  float64 // seconds
	}
	const (
		since   = `greatest(0, coalesce(extract(epoch FROM now() - `
		ago     = `), 0))::float8`
		overdue = `count(*) FILTER (WHERE due_at <= now())`
		running = `count(*) FILTER (WHERE lease_until > now())`
		lag     = since + `min(due_at)` + ago
	)
	parts, err := collect(ctx, s, pgx.RowToStructByPos[part], `
		SELECT 'admission', count(*), 0, `+overdue+`, 0, `+lag+`, `+lag+`
		  FROM videos WHERE waiting AND not_before <= now()
		UNION ALL
		SELECT CASE WHEN `+needs[store.Create]+` THEN 'create' WHEN `+needs[store.Poll]+` THEN 'poll' ELSE 'download' END,
		       count(*), `+running+`, `+overdue+`, count(*) FILTER (WHERE slot), `+since+`min(moment(timeline -> -1 ->> 'at'))`+ago+`, `+lag+`
		  FROM videos WHERE active GROUP BY 1
		UNION ALL
		SELECT 'analyses', count(*), 0, count(*) FILTER (WHERE a.due_at <= now()), 0, `+since+`min(v.completed_at)`+ago+`, `+since+`min(a.due_at)`+ago+`
		  FROM video_analytics a JOIN videos v ON v.id = a.video_id WHERE a.due_at IS NOT NULL
		UNION ALL
		SELECT 'notifications', count(*), count(*) FILTER (WHERE run = claim AND run > 0 AND due_at > now()), `+overdue+`, 0, `+since+`min(created_at)`+ago+`, `+lag+`
		  FROM notifications WHERE due_at IS NOT NULL`)
	b := store.Backlog{States: states}
	for _, p := range parts {
		load := store.Load{
			Jobs: p.Jobs, Running: p.Running, Overdue: p.Overdue,
			Oldest: time.Duration(p.Oldest * float64(time.Second)), Lag: time.Duration(p.Lag * float64(time.Second)),
		}
		b.Slots += p.Slot
		switch p.Name {
		case "admission":
			b.Admission = load
		case "analyses":
			b.Analyses = load
		case "notifications":
			b.Notifications = load
		default:
			*b.At(store.Step(p.Name)) = load
		}
	}
	return b, explain(err, "read the backlog")
}
