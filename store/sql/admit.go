package sql

import (
	"context"

	"heyq/store"
)

// lockAdmission serializes those who hand out render slots.
var lockAdmission = statement("lock admission", `{pg SELECT pg_advisory_xact_lock(`+Lock("admission")+`)}`)

// Lock is the number of an advisory lock of Postgres. It belongs to this
// installation: it is made of the schema's name, so that neither an application nor
// another heyq in the same database takes the same by chance.
func Lock(name string) string {
	return `hashtextextended('heyq ` + name + ` in ' || current_schema(), 0)`
}

// gateOpen is true while queued videos may be let through.
const gateOpen = `EXISTS (SELECT 1 FROM admission WHERE state = 'open' OR (state = 'paused' AND until <= {now}))`

// mayPass is true of a queued video v that was admitted: the gate is open, or has
// let this one through.
const mayPass = `(` + gateOpen + ` OR EXISTS (SELECT 1 FROM admission WHERE state = 'stopped' AND probe = v.id))`

// ready is true of the videos that wait for nothing but the gate and a slot.
const ready = `{waiting} AND not_before <= {now} AND due_at <= {now}`

// freeSlots is how many slots are free. Of those that unclear creates hold, at most
// half count.
const freeSlots = `{greatest}(0, CAST(@slots AS bigint) - (
	SELECT count(*) FILTER (WHERE NOT ` + unclear + `) + {least}(count(*) FILTER (WHERE ` + unclear + `), {greatest}(1, CAST(@slots AS bigint) / 2))
	  FROM videos WHERE slot AND {active}))`

// unclear is true of a create that HeyGen has not answered clearly for a while: three
// times, or not for three minutes. While a breaker lets nothing through there are no
// more answers to count.
const unclear = `(state = 'submitting' AND (refusal IS NOT NULL OR attempt >= 3 OR attempt > 0 AND submitted_at <= {now} - {span 180000000}))`

// unsuspected is true of a video that is not made of what three creates at once get
// no clear answer for: a template, or none. The others have a slot only if one is
// left, or a template that HeyGen cannot render would be tried for hours before
// what waits behind it.
const unsuspected = `coalesce({get request template_id}, '') {either <> ALL (ARRAY( // NOT IN (}
	SELECT coalesce({get request template_id}, '') FROM videos
	 WHERE slot AND {active} AND state = 'submitting' AND (refusal IS NOT NULL OR attempt > 0)
	 GROUP BY 1 HAVING count(*) >= 3{picked}`

// admissible are those, of some videos, that get the slots which are free.
func admissible(of string) string {
	return `
	SELECT id FROM videos
	 WHERE ` + ready + ` AND ` + gateOpen + ` AND ` + of + `
	 ORDER BY priority DESC, id
	 LIMIT ` + freeSlots + ` {lock SKIP LOCKED}`
}

// probe is the one video that a stopped gate lets through: after a while, and if
// the one before is not under way any more. It may be any of those that wait,
// since the first ones may be what HeyGen refuses.
const probe = `
	SELECT id FROM videos
	 WHERE {waiting}
	   AND id = (SELECT id FROM videos WHERE ` + ready + ` ORDER BY priority DESC, id
	             LIMIT 1 OFFSET (SELECT {random count(*)} FROM (SELECT 1 FROM videos WHERE ` + ready + ` LIMIT 1000) AS w))
	   AND EXISTS (SELECT 1 FROM admission a
	                WHERE state = 'stopped' AND coalesce(probe_at <= {now}, true)
	                  AND NOT EXISTS (SELECT 1 FROM videos p WHERE p.id = a.probe AND ` + underWay + `))
	 LIMIT {least}(1, ` + freeSlots + `) {lock SKIP LOCKED}`

// underWay is true of the video p that was let through a as long as it may still
// tell whether the gate may open.
const underWay = `(p.state = 'queued' AND p.slot OR p.state = 'submitting' AND p.refusal IS NULL OR p.state = 'rendering' AND a.proof = 'render')`

func admitting(name, which string) *Statement {
	return statement(name, `
		UPDATE videos SET slot = true, claim = claim + 1, due_at = {now} + {span @redispatch}
		 WHERE id {pick}`+which+`{picked}
		RETURNING id, claim, coalesce(traceparent, '')`)
}

var (
	admitFirst  = admitting("admit the unsuspected", admissible(unsuspected))
	admit       = admitting("admit", admissible("true"))
	admitProbe  = admitting("admit a probe", probe)
	gateStopped = statement("read admission", `SELECT state = 'stopped' FROM admission`)
	noteProbe   = statement("note a probe", `UPDATE admission SET probe = @id, probe_at = {now} + {span @wait}`)
)

// Admit gives free render slots to queued videos. The lock is a statement of
// its own, before the count: a statement's snapshot is taken when it starts,
// and one that waits for the lock in the middle counts yesterday's slots.
func (p *Protocol) Admit(ctx context.Context, slots int) (claims []store.Claim, err error) {
	args := Args{"slots": slots, "redispatch": p.timing.Redispatch}
	var more []store.Claim
	var stopped []bool
	err = p.db.Write(ctx, Step{Statement: lockAdmission}, rows(admitFirst, args, scanTraced, &claims), rows(admit, args, scanTraced, &more),
		rows(gateStopped, nil, scanOne[bool], &stopped))
	if err == nil && stopped[0] {
		more, err = p.admitProbe(ctx, args)
	}
	if err != nil {
		return nil, p.explain(err, "admit videos")
	}
	return append(claims, more...), nil
}

func (p *Protocol) admitProbe(ctx context.Context, args Args) (claims []store.Claim, err error) {
	err = p.db.InTx(ctx, func(ctx context.Context, do Do) error {
		if err := do(ctx, Step{Statement: lockAdmission}, rows(admitProbe, args, scanTraced, &claims)); err != nil || len(claims) == 0 {
			return err
		}
		return do(ctx, Step{Statement: noteProbe, Args: Args{"id": claims[0].Video, "wait": store.ProbeWait}})
	})
	return claims, err
}
