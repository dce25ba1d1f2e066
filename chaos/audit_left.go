package chaos

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
)

// leftovers are the things that should not be there any more.
type leftovers struct {
	redis    []string
	known    int  // tasks that no row needs, which asynq is going to look at
	settled  bool // it has had the time to
	postgres []string
	spools   []string
	stops    []string // processes that did not stop well
}

// asynqLooks is the time within which asynq finds a dead worker's tasks, and drops
// them. A storm waits for it, a scenario does not.
const asynqLooks = 3 * time.Minute

// leftovers looks at Redis and Postgres while heyq is idle, then ends heyq in
// good order and looks at the spools.
func (r *rehearsal) leftovers(ctx context.Context, quiet bool) (left leftovers, err error) {
	patience := r.o.Settle
	if quiet {
		r.note("waiting for Redis to be empty: asynq finds a dead worker's tasks after up to three minutes")
	} else {
		patience = 0 // it never will be
	}
	left.settled = patience >= asynqLooks
	if left.redis, left.known, err = r.emptied(ctx, patience); err != nil {
		return left, err
	}
	if left.postgres, err = r.inPostgres(ctx); err != nil {
		return left, err
	}
	for _, c := range r.stage.children() {
		if took, err := c.stop(stopPatience); err != nil {
			left.stops = append(left.stops, fmt.Sprintf("%s, told to stop, ended after %s: %v", c.name, took.Round(time.Millisecond), err))
		}
	}
	for _, c := range r.stage.workers {
		left.spools = append(left.spools, unfinished(filepath.Join(r.stage.home(c.name), "spool"))...)
	}
	return left, nil
}

// emptied waits until Redis holds no task, and returns what it holds when the
// time is up.
func (r *rehearsal) emptied(ctx context.Context, patience time.Duration) (left []string, known int, err error) {
	client, err := r.stage.redisClient()
	if err != nil {
		return nil, 0, err
	}
	defer client.Close()
	deadline := time.Now().Add(patience)
	for {
		left, known, err = inRedis(ctx, client)
		if err != nil || len(left)+known == 0 || time.Now().After(deadline) {
			return left, known, err
		}
		if !pause(ctx, 200*time.Millisecond) {
			return left, known, ctx.Err()
		}
	}
}

func (r *rehearsal) inPostgres(ctx context.Context) ([]string, error) {
	rows, err := r.stage.db.Query(ctx, `
		SELECT format('%s holds a slot', id) FROM videos WHERE slot
		UNION ALL SELECT format('%s holds a lease', id) FROM videos WHERE lease_until IS NOT NULL
		UNION ALL SELECT format('%s waits for its analysis', video_id) FROM video_analytics WHERE due_at IS NOT NULL
		UNION ALL SELECT format('%s was not notified of', video_id) FROM notifications WHERE state <> 'delivered'
		UNION ALL SELECT format('%s: a transaction is left open since %s', application_name, state_change)
		            FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND state_change < now() - interval '1 s'
		UNION ALL SELECT 'admission is ' || state FROM admission WHERE state <> 'open' AND until IS NULL`)
	if err != nil {
		return nil, fmt.Errorf("look for leftovers: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// I9: nothing is left behind.
func (e evidence) nothingLeft() Invariant {
	i := Invariant{Name: "I9", Promise: "nothing was left behind", Checked: "Redis, Postgres, spools, processes"}
	switch {
	case e.left.known == 0:
	case e.left.settled:
		i.breach(fmt.Sprintf("asynq has not dropped %s, which no row needs", count(e.left.known, "task")))
	default:
		i.Checked += fmt.Sprintf("; asynq has yet to drop %s", count(e.left.known, "task"))
	}
	for _, list := range [][]string{e.left.redis, e.left.postgres, e.left.spools, e.left.stops} {
		for _, culprit := range list {
			i.breach(culprit)
		}
	}
	return i
}
