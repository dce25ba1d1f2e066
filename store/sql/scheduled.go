package sql

import (
	"context"
	"time"

	"heyq/store"
)

var (
	beginScheduled = statement("begin a scheduled job", `
		INSERT INTO scheduled_runs AS r (name, run, started_at, outcome) VALUES (@name, 1, {now}, 'running')
		    ON CONFLICT (name) DO UPDATE
		   SET run = r.run + 1, started_at = excluded.started_at, finished_at = NULL, outcome = 'running', result = '', error = ''
		RETURNING run`)
	endScheduled = statement("end a scheduled job", `
		UPDATE scheduled_runs
		   SET finished_at = {now}, outcome = @outcome, result = @result, error = @error,
		       succeeded_at = CASE WHEN @outcome = 'succeeded' THEN {now} ELSE succeeded_at END
		 WHERE name = @name AND run = @run`)
	scheduledRuns = statement("read the scheduled runs", `
		SELECT name, run, started_at, {micros coalesce(finished_at, {now}) - started_at}, outcome, result, error, succeeded_at
		  FROM scheduled_runs ORDER BY name`)
	sinceRun = statement("read the last run", `
		SELECT {micros {now} - succeeded_at} FROM scheduled_runs WHERE name = @name AND succeeded_at IS NOT NULL`)
)

// BeginScheduled says that the named scheduled job runs from now on.
func (p *Protocol) BeginScheduled(ctx context.Context, name string) (run int64, err error) {
	list, err := collect(ctx, p.db.Write, beginScheduled, Args{"name": name}, scanOne[int64])
	if err != nil {
		return 0, p.explain(err, "begin a scheduled job")
	}
	return list[0], nil
}

// EndScheduled says how a run came out, unless a later one has overtaken it.
func (p *Protocol) EndScheduled(ctx context.Context, e store.ScheduledEnd) error {
	return p.write(ctx, "end a scheduled job", endScheduled, Args{"name": e.Name, "run": e.Run, "outcome": e.Outcome, "result": e.Result, "error": e.Error})
}

// ScheduledRuns returns the last run of every job that has ever begun.
func (p *Protocol) ScheduledRuns(ctx context.Context) ([]store.ScheduledRun, error) {
	list, err := collect(ctx, p.db.Read, scheduledRuns, nil, func(row Row) (r store.ScheduledRun, err error) {
		err = row.Scan(&r.Name, &r.Run, asTime(&r.StartedAt), asSpan(&r.Duration), &r.Outcome, &r.Result, &r.Error, asTime(&r.SucceededAt))
		return r, err
	})
	return list, p.explain(err, "read the scheduled runs")
}

// SinceRun returns how long ago the named scheduled job last succeeded.
func (p *Protocol) SinceRun(ctx context.Context, name string) (ago time.Duration, ran bool, err error) {
	list, err := collect(ctx, p.db.Read, sinceRun, Args{"name": name}, func(row Row) (ago time.Duration, err error) {
		return ago, row.Scan(asSpan(&ago))
	})
	if err != nil || len(list) == 0 {
		return 0, false, p.explain(err, "read the last run")
	}
	return list[0], true, nil
}
