package chaos

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
)

// leftovers are the things that should not be there any more.
type leftovers struct {
	redis    []string
	leased   int // active tasks of dead workers that asynq will find by their leases
	postgres []string
	spools   []string
	stops    []string // processes that did not stop well
}

// leftovers looks at Redis and Postgres while heyq is idle, then ends heyq in
// good order and looks at the spools.
func (r *rehearsal) leftovers(ctx context.Context, quiet bool) (left leftovers, err error) {
	patience := r.o.Settle
	if quiet {
		r.note("waiting for Redis to be empty: asynq finds a dead worker's tasks after up to three minutes")
	} else {
		patience = 0 // it never will be
	}
	if left.redis, left.leased, err = r.emptied(ctx, patience); err != nil {
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
		left.spools = append(left.spools, unfinished(filepath.Join(c.dir, "spool"))...)
	}
	return left, nil
}

// emptied waits until Redis holds no task, and returns what it holds when the
// time is up.
func (r *rehearsal) emptied(ctx context.Context, patience time.Duration) (left []string, leased int, err error) {
	deadline := time.Now().Add(patience)
	for {
		left, leased, err = r.inRedis(ctx)
		if err != nil || len(left)+leased == 0 || time.Now().After(deadline) {
			return left, leased, err
		}
		if !pause(ctx, 200*time.Millisecond) {
			return left, leased, ctx.Err()
		}
	}
}

// inRedis lists the tasks that nobody needs any more, and locks that nobody
// will open. A task that is active and leased belongs to a worker that died;
// asynq takes it back when it finds the lease expired.
func (r *rehearsal) inRedis(ctx context.Context) (left []string, leased int, err error) {
	client, err := r.stage.redisClient()
	if err != nil {
		return nil, 0, err
	}
	defer client.Close()
	keys, err := client.Keys(ctx, "asynq:{*").Result()
	if err != nil {
		return nil, 0, fmt.Errorf("list Redis' keys: %w", err)
	}
	for _, key := range keys {
		_, part, _ := strings.Cut(key, "}:")
		switch {
		case part == "pending":
			left = appendLeft(left, key, client.LLen(ctx, key))
		case part == "retry", part == "scheduled":
			left = appendLeft(left, key, client.ZCard(ctx, key))
		case part == "active":
			n, unleased, err := active(ctx, client, key)
			if err != nil {
				return nil, 0, err
			}
			leased += n
			left = append(left, unleased...)
		case strings.HasPrefix(part, "unique:") && !strings.HasPrefix(key, "asynq:{maintenance}"):
			left = append(left, key)
		}
	}
	return left, leased, nil
}

func appendLeft(left []string, key string, n *redis.IntCmd) []string {
	if n.Val() > 0 {
		left = append(left, fmt.Sprintf("%s holds %d", key, n.Val()))
	}
	return left
}

// active splits the active tasks of a queue into those with a lease, and those
// that nobody will ever find.
func active(ctx context.Context, client *redis.Client, key string) (leased int, lost []string, err error) {
	ids, err := client.LRange(ctx, key, 0, -1).Result()
	if err != nil {
		return 0, nil, err
	}
	for _, id := range ids {
		err := client.ZScore(ctx, strings.TrimSuffix(key, "active")+"lease", id).Err()
		switch {
		case err == redis.Nil: //nolint:errorlint // go-redis returns it as it is
			lost = append(lost, key+" holds "+id+" without a lease")
		case err != nil:
			return 0, nil, err
		default:
			leased++
		}
	}
	return leased, lost, nil
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
	if e.left.leased > 0 {
		i.Checked += fmt.Sprintf("; %s of dead workers, leased, will be found by asynq", count(e.left.leased, "task"))
	}
	for _, list := range [][]string{e.left.redis, e.left.postgres, e.left.spools, e.left.stops} {
		for _, culprit := range list {
			i.breach(culprit)
		}
	}
	return i
}
