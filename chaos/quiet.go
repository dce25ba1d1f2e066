package chaos

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// statusEvery is how often the counts are told.
const statusEvery = 10 * time.Second

// watch tells how many videos are in each state, now and then.
func (r *rehearsal) watch(ctx context.Context) {
	for pause(ctx, statusEvery) {
		if counts, err := r.counts(ctx); err == nil {
			r.o.Tell(Event{At: time.Since(r.theatre.began), Kind: Progress, Counts: counts})
		}
	}
}

func (r *rehearsal) counts(ctx context.Context) (map[string]int, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	rows, err := r.stage.db.Query(ctx, `SELECT state, count(*)::int FROM videos GROUP BY state`)
	if err != nil {
		return nil, err
	}
	type count struct {
		State string
		N     int
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[count])
	counts := map[string]int{}
	for _, c := range list {
		counts[c.State] = c.N
	}
	return counts, err
}

// quiet waits until no row has anything left to do, and reports whether that
// came in time.
func (r *rehearsal) quiet(ctx context.Context) (bool, error) {
	deadline := time.Now().Add(r.o.Quiet)
	for time.Now().Before(deadline) {
		var open int
		err := r.stage.db.QueryRow(ctx, `
			SELECT (SELECT count(*) FROM videos WHERE due_at IS NOT NULL)
			     + (SELECT count(*) FROM video_analytics WHERE due_at IS NOT NULL)
			     + (SELECT count(*) FROM notifications WHERE state = 'pending')`).Scan(&open)
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		if err == nil && open == 0 {
			r.note("every video has ended")
			return true, nil
		}
		pause(ctx, 250*time.Millisecond)
	}
	r.note("some videos have not ended in %s", r.o.Quiet)
	return false, nil
}
