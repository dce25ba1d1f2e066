package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"heyq/store"
)

// BeginScheduled says that the named scheduled job runs from now on.
func (s *Store) BeginScheduled(ctx context.Context, name string) (run int64, err error) {
	list, err := collect(ctx, s, pgx.RowTo[int64], `
		INSERT INTO scheduled_runs AS r (name, run, started_at, outcome) VALUES ($1, 1, now(), 'running')
		    ON CONFLICT (name) DO UPDATE
		   SET run = r.run + 1, started_at = now(), finished_at = NULL, outcome = 'running', result = '', error = ''
		RETURNING run`, name)
	if err != nil {
		return 0, explain(err, "begin a scheduled job")
	}
	return list[0], nil
}

// EndScheduled says how a run came out, unless a later one has overtaken it.
func (s *Store) EndScheduled(ctx context.Context, e store.ScheduledEnd) error {
	_, err := s.exec(ctx, `
		UPDATE scheduled_runs
		   SET finished_at = now(), outcome = $3, result = $4, error = $5,
		       succeeded_at = CASE WHEN $3 = 'succeeded' THEN now() ELSE succeeded_at END
		 WHERE name = $1 AND run = $2`, e.Name, e.Run, string(e.Outcome), e.Result, e.Error)
	return explain(err, "end a scheduled job")
}

// ScheduledRuns returns the last run of every job that has ever begun.
func (s *Store) ScheduledRuns(ctx context.Context) ([]store.ScheduledRun, error) {
	list, err := collect(ctx, s, func(row pgx.CollectableRow) (r store.ScheduledRun, err error) {
		err = row.Scan(&r.Name, &r.Run, asTime(&r.StartedAt), &r.Duration, &r.Outcome, &r.Result, &r.Error, asTime(&r.SucceededAt))
		return r, err
	}, `SELECT name, run, started_at, coalesce(finished_at, now()) - started_at, outcome, result, error, succeeded_at
	      FROM scheduled_runs ORDER BY name`)
	return list, explain(err, "read the scheduled runs")
}

// SinceRun returns how long ago the named scheduled job last succeeded.
func (s *Store) SinceRun(ctx context.Context, name string) (ago time.Duration, ran bool, err error) {
	list, err := collect(ctx, s, pgx.RowTo[time.Duration],
		`SELECT now() - succeeded_at FROM scheduled_runs WHERE name = $1 AND succeeded_at IS NOT NULL`, name)
	if err != nil || len(list) == 0 {
		return 0, false, explain(err, "read the last run")
	}
	return list[0], true, nil
}
