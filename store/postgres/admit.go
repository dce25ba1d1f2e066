package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"heyq/store"
)

// lockAdmission serializes those who hand out render slots.
var lockAdmission = `SELECT pg_advisory_xact_lock(` + ourLock("admission") + `)`

// gateOpen is true while queued videos may be let through.
const gateOpen = `EXISTS (SELECT FROM admission WHERE state = 'open' OR (state = 'paused' AND until <= now()))`

// Admit gives free render slots to queued videos. The lock is a statement of
// its own, before the count: a statement's snapshot is taken when it starts,
// and one that waits for the lock in the middle counts yesterday's slots.
func (s *Store) Admit(ctx context.Context, slots int) ([]store.Claim, error) {
	var claims []store.Claim
	err := s.do(ctx, func(ctx context.Context, db querier) error {
		batch := &pgx.Batch{} // one implicit transaction, one round trip
		batch.Queue(lockAdmission)
		batch.Queue(`
			UPDATE videos
			   SET slot = true, claim = claim + 1, due_at = now() + $2 * interval '1 s'
			 WHERE id = ANY (ARRAY(
			       SELECT id FROM videos
			        WHERE waiting
			          AND not_before <= now() AND due_at <= now() AND `+gateOpen+`
			        ORDER BY priority DESC, id
			        LIMIT greatest(0, $1 - (SELECT count(*) FROM videos WHERE active AND slot))
			          FOR UPDATE SKIP LOCKED))
			RETURNING id, claim, coalesce(traceparent, '')`, slots, seconds(s.timing.Redispatch)).
			Query(func(rows pgx.Rows) (err error) {
				claims, err = pgx.CollectRows(rows, scanTraced)
				return err
			})
		return db.SendBatch(ctx, batch).Close()
	})
	return claims, explain(err, "admit videos")
}

func scanTraced(row pgx.CollectableRow) (c store.Claim, err error) {
	return c, row.Scan(&c.Video, &c.Claim, &c.Trace)
}
