package sqlite

import (
	"context"
	"database/sql"
	"time"

	"heyq/store"
)

// BeginScheduled says that the named scheduled job runs from now on.
func (s *Store) BeginScheduled(ctx context.Context, name string) (run int64, err error) {
	list, err := change(ctx, s, func(row scanner) (run int64, err error) { return run, row.Scan(&run) }, `
		INSERT INTO scheduled_runs AS r (name, run, started_at, outcome) VALUES (:name, 1, :now, 'running')
		    ON CONFLICT (name) DO UPDATE
		   SET run = r.run + 1, started_at = :now, finished_at = NULL, outcome = 'running', result = '', error = ''
		RETURNING run`, sql.Named("name", name))
	if err != nil {
		return 0, explain(err, "begin a scheduled job")
	}
	return list[0], nil
}

// EndScheduled says how a run came out, unless a later one has overtaken it.
func (s *Store) EndScheduled(ctx context.Context, e store.ScheduledEnd) error {
	_, err := s.exec(ctx, `
		UPDATE scheduled_runs
		   SET finished_at = :now, outcome = :outcome, result = :result, error = :error,
		       succeeded_at = CASE WHEN :outcome = 'succeeded' THEN :now ELSE succeeded_at END
		 WHERE name = :name AND run = :run`,
		sql.Named("name", e.Name), sql.Named("run", e.Run), sql.Named("outcome", string(e.Outcome)),
		sql.Named("result", e.Result), sql.Named("error", e.Error))
	return explain(err, "end a scheduled job")
}

// ScheduledRuns returns the last run of every job that has ever begun.
func (s *Store) ScheduledRuns(ctx context.Context) ([]store.ScheduledRun, error) {
	list, err := collect(ctx, s.reader, func(row scanner) (r store.ScheduledRun, err error) {
		var took int64
		err = row.Scan(&r.Name, &r.Run, asTime(&r.StartedAt), &took, &r.Outcome, &r.Result, &r.Error, asTime(&r.SucceededAt))
		r.Duration = time.Duration(took) * time.Microsecond
		return r, err
	}, `SELECT name, run, started_at, coalesce(finished_at, :now) - started_at, outcome, result, error, succeeded_at
	      FROM scheduled_runs ORDER BY name`, s.now())
	return list, explain(err, "read the scheduled runs")
}

// SinceRun returns how long ago the named scheduled job last succeeded.
func (s *Store) SinceRun(ctx context.Context, name string) (ago time.Duration, ran bool, err error) {
	list, err := collect(ctx, s.reader, func(row scanner) (at time.Time, err error) {
		return at, row.Scan(asTime(&at))
	}, `SELECT succeeded_at FROM scheduled_runs WHERE name = :name AND succeeded_at IS NOT NULL`, sql.Named("name", name))
	if err != nil || len(list) == 0 {
		return 0, false, explain(err, "read the last run")
	}
	return s.clock().Sub(list[0]), true, nil
}
