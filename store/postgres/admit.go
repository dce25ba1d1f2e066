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

// mayPass is true of a queued video that was admitted: the gate is open, or has
// let this one through.
const mayPass = `(` + gateOpen + ` OR EXISTS (SELECT FROM admission WHERE state = 'stopped' AND probe = v.id))`

// Admit gives free render slots to queued videos. The lock is a statement of
// its own, before the count: a statement's snapshot is taken when it starts,
// and one that waits for the lock in the middle counts yesterday's slots.
func (s *Store) Admit(ctx context.Context, slots int) ([]store.Claim, error) {
	var claims []store.Claim
	err := s.do(ctx, func(ctx context.Context, db querier) error {
		claims = nil
		take := func(rows pgx.Rows) error {
			more, err := pgx.CollectRows(rows, scanTraced)
			claims = append(claims, more...)
			return err
		}
		batch := &pgx.Batch{} // one implicit transaction, one round trip
		batch.Queue(lockAdmission)
		for _, of := range []string{unsuspected, `true`} {
			batch.Queue(`
				UPDATE videos
				   SET slot = true, claim = claim + 1, due_at = now() + $2 * interval '1 s'
				 WHERE id = ANY (ARRAY(
				       SELECT id FROM videos
				        WHERE `+ready+` AND `+gateOpen+` AND `+of+`
				        ORDER BY priority DESC, id
				        LIMIT `+freeSlots+`
				          FOR UPDATE SKIP LOCKED))
				RETURNING id, claim, coalesce(traceparent, '')`, slots, seconds(s.timing.Redispatch)).Query(take)
		}
		batch.Queue(probeSQL, slots, seconds(s.timing.Redispatch), seconds(store.ProbeWait)).Query(take)
		return db.SendBatch(ctx, batch).Close()
	})
	return claims, explain(err, "admit videos")
}

// ready is true of the videos that wait for nothing but the gate and a slot.
const ready = `waiting AND not_before <= now() AND due_at <= now()`

// freeSlots is how many slots are free of $1. Of those that unclear creates hold,
// at most half count.
const freeSlots = `greatest(0, $1::bigint - (
	SELECT count(*) FILTER (WHERE NOT ` + unclear + `) + least(count(*) FILTER (WHERE ` + unclear + `), greatest(1, $1::bigint / 2))
	  FROM videos WHERE active AND slot))`

// unclear is true of a create that HeyGen has not answered clearly for a while: three
// times, or not for three minutes. While a breaker lets nothing through there are no
// more answers to count.
const unclear = `(state = 'submitting' AND (refusal IS NOT NULL OR attempt >= 3 OR attempt > 0 AND submitted_at <= now() - interval '3 min'))`

// unsuspected is true of a video that is not made of what three creates at once get
// no clear answer for: a template, or none. The others have a slot only if one is
// left, or a template that HeyGen cannot render would be tried for hours before
// what waits behind it.
const unsuspected = `(coalesce(request ->> 'template_id', '') <> ALL (ARRAY(
	SELECT coalesce(request ->> 'template_id', '') FROM videos
	 WHERE active AND slot AND state = 'submitting' AND (refusal IS NOT NULL OR attempt > 0)
	 GROUP BY 1 HAVING count(*) >= 3)))`

// probeSQL lets one video through a stopped gate: after a while, and if the one
// before is not under way any more. It may be any of those that wait, since the
// first ones may be what HeyGen refuses.
const probeSQL = `
	WITH probed AS (
	UPDATE videos
	   SET slot = true, claim = claim + 1, due_at = now() + $2 * interval '1 s'
	 WHERE id = ANY (ARRAY(
	       SELECT id FROM videos
	        WHERE waiting
	          AND id = (SELECT id FROM videos WHERE ` + ready + ` ORDER BY priority DESC, id
	                    OFFSET (SELECT floor(random() * count(*)) FROM (SELECT FROM videos WHERE ` + ready + ` LIMIT 1000) w) LIMIT 1)
	          AND EXISTS (SELECT FROM admission a
	                       WHERE state = 'stopped' AND coalesce(probe_at <= now(), true)
	                         AND NOT EXISTS (SELECT FROM videos p WHERE p.id = a.probe AND ` + underWay + `))
	        LIMIT least(1, ` + freeSlots + `)
	          FOR UPDATE SKIP LOCKED))
	RETURNING id, claim, coalesce(traceparent, '') AS trace),
	noted AS (UPDATE admission SET probe = probed.id, probe_at = now() + $3 * interval '1 s' FROM probed)
	SELECT id, claim, trace FROM probed`

// underWay is true of the video p that was let through a as long as it may still
// tell whether the gate may open.
const underWay = `(p.state = 'queued' AND p.slot OR p.state = 'submitting' AND p.refusal IS NULL OR p.state = 'rendering' AND a.proof = 'render')`

func scanTraced(row pgx.CollectableRow) (c store.Claim, err error) {
	return c, row.Scan(&c.Video, &c.Claim, &c.Trace)
}
