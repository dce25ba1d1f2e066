package sqlite

import (
	"context"
	"database/sql"

	"heyq/store"
)

// gateOpen is true while queued videos may be let through.
const gateOpen = `EXISTS (SELECT 1 FROM admission WHERE state = 'open' OR (state = 'paused' AND until <= :now))`

// mayPass is true of a queued video that was admitted: the gate is open, or has
// let this one through.
const mayPass = `(` + gateOpen + ` OR EXISTS (SELECT 1 FROM admission WHERE state = 'stopped' AND probe = v.id))`

// Admit gives free render slots to queued videos. There is one writer, so the
// count cannot change under it.
func (s *Store) Admit(ctx context.Context, slots int) (claims []store.Claim, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		args := []any{s.now(), interval("redispatch", s.timing.Redispatch), sql.Named("slots", slots)}
		var stopped bool
		if err := tx.QueryRowContext(ctx, `SELECT state = 'stopped' FROM admission`).Scan(&stopped); err != nil {
			return err
		}
		if !stopped {
			for _, of := range []string{unsuspected, `true`} {
				more, err := collect(ctx, tx, scanTraced, admitSQL(admissible(of)), args...)
				if err != nil {
					return err
				}
				claims = append(claims, more...)
			}
			return nil
		}
		if claims, err = collect(ctx, tx, scanTraced, admitSQL(probe), args...); err != nil || len(claims) == 0 {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE admission SET probe = :id, probe_at = :now + :wait`,
			s.now(), sql.Named("id", claims[0].Video), interval("wait", store.ProbeWait))
		return err
	})
	return claims, explain(err, "admit videos")
}

func admitSQL(which string) string {
	return `UPDATE videos SET slot = 1, claim = claim + 1, due_at = :now + :redispatch WHERE id IN (` + which + `) RETURNING id, claim, coalesce(traceparent, '')`
}

// freeSlots is how many slots are free. Of those that unclear creates hold, at most
// half count.
const freeSlots = `max(0, :slots - (
	SELECT count(*) FILTER (WHERE NOT ` + unclear + `) + min(count(*) FILTER (WHERE ` + unclear + `), max(1, :slots / 2))
	  FROM videos WHERE slot AND ` + open + `))`

// unclear is true of a create that HeyGen has not answered clearly for a while: three
// times, or not for three minutes. While a breaker lets nothing through there are no
// more answers to count.
const unclear = `(state = 'submitting' AND (refusal IS NOT NULL OR attempt >= 3 OR attempt > 0 AND submitted_at <= :now - 180000000))`

// admissible are those, of some videos, that get the slots which are free.
func admissible(of string) string {
	return `
	SELECT id FROM videos
	 WHERE ` + waiting + ` AND not_before <= :now AND due_at <= :now AND ` + gateOpen + ` AND ` + of + `
	 ORDER BY priority DESC, id
	 LIMIT ` + freeSlots
}

// unsuspected is true of a video that is not made of what three creates at once get
// no clear answer for: a template, or none. The others have a slot only if one is
// left, or a template that HeyGen cannot render would be tried for hours before
// what waits behind it.
const unsuspected = `coalesce(request ->> '$.template_id', '') NOT IN (
	SELECT coalesce(request ->> '$.template_id', '') FROM videos
	 WHERE slot AND ` + open + ` AND state = 'submitting' AND (refusal IS NOT NULL OR attempt > 0)
	 GROUP BY 1 HAVING count(*) >= 3)`

// probe is the one video that a stopped gate lets through: after a while, and if
// the one before is not under way any more. It may be any of those that wait,
// since the first ones may be what HeyGen refuses.
const probe = `
	SELECT id FROM videos
	 WHERE ` + waiting + ` AND not_before <= :now AND due_at <= :now
	   AND EXISTS (SELECT 1 FROM admission a
	                WHERE state = 'stopped' AND coalesce(probe_at <= :now, 1)
	                  AND NOT EXISTS (SELECT 1 FROM videos p WHERE p.id = a.probe AND ` + underWay + `))
	 ORDER BY priority DESC, id
	 LIMIT min(1, ` + freeSlots + `)
	OFFSET (SELECT abs(random()) % max(1, count(*)) FROM (SELECT 1 FROM videos WHERE ` + waiting + ` AND not_before <= :now AND due_at <= :now LIMIT 1000))`

// underWay is true of the video p that was let through a as long as it may still
// tell whether the gate may open.
const underWay = `(p.state = 'queued' AND p.slot OR p.state = 'submitting' AND p.refusal IS NULL OR p.state = 'rendering' AND a.proof = 'render')`

func scanTraced(row scanner) (c store.Claim, err error) {
	return c, row.Scan(&c.Video, &c.Claim, &c.Trace)
}

func scanClaim(row scanner) (c store.Claim, err error) {
	return c, row.Scan(&c.Video, &c.Claim)
}
