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
const (
	unsuspected = `coalesce({get request template_id}, '') {either <> ALL (ARRAY( // NOT IN (}SELECT template FROM suspect{picked}`
	suspects    = `
		SELECT coalesce({get request template_id}, '') FROM videos
		 WHERE slot AND {active} AND state = 'submitting' AND (refusal IS NOT NULL OR attempt > 0)
		 GROUP BY 1 HAVING count(*) >= 3`
)

// underWay is true of the video p that was let through a as long as it may still
// tell whether the gate may open.
const underWay = `(p.state = 'queued' AND p.slot OR p.state = 'submitting' AND p.refusal IS NULL OR p.state = 'rendering' AND a.proof = 'render')`

// admitting gives slots to some videos, and charges their lines for it. In SQLite that
// is a statement of its own, which finds what its transaction has admitted by the time.
func admitting(name, which string) *Statement {
	const set = `UPDATE videos SET slot = true, claim = claim + 1, due_at = {now} + {span @redispatch} WHERE id {pick}SELECT id FROM `
	return statement(name, `
		{pg WITH chosen AS MATERIALIZED (`+which+`), charged AS (`+charge("chosen")+`)}
		`+set+`{either chosen // (`+which+`)}{picked}
		RETURNING id, claim, coalesce(traceparent, '')`)
}

var (
	admitFirst = admitting("admit the unsuspected", admissible(unsuspected, "4", share))
	admitRest  = admitting("admit the rest", admissible("true", "100", all))
	admitProbe = admitting("admit a probe", probe)
	chargeThem = statement("charge for turns", `{lite `+charge(`videos WHERE {active} AND slot AND state = 'queued' AND due_at = {now} + {span @redispatch}`)+`}`)
	afterAdmit = statement("look what is left", `
		SELECT state = 'stopped', `+gateOpen+` AND `+freeSlots+` > 0 AND EXISTS (SELECT 1 FROM videos WHERE `+ready+`) FROM admission`)
	noteProbe = statement("note a probe", `UPDATE admission SET probe = @id, probe_at = {now} + {span @wait}`)

	// planOnce has Postgres make the plan of so long a statement once for a connection,
	// whatever it takes another one to cost: to make it takes longer than to run it.
	planOnce = statement("plan once", `{pg SELECT set_config('plan_cache_mode', 'force_generic_plan', true)}`)
)

// Admit gives free render slots to queued videos, line by line (line.go). The lock is a
// statement of its own, before the count: a statement's snapshot is taken when it starts,
// and one that waits for the lock in the middle counts yesterday's slots.
func (p *Protocol) Admit(ctx context.Context, slots int) (claims []store.Claim, err error) {
	type left struct{ stopped, some bool }
	args := Args{"slots": slots, "redispatch": p.timing.Redispatch}
	var after []left
	err = p.db.Write(ctx, Step{Statement: planOnce}, Step{Statement: lockAdmission}, rows(admitFirst, args, scanTraced, &claims), Step{Statement: chargeThem, Args: args},
		rows(afterAdmit, args, func(row Row) (l left, err error) { return l, row.Scan(&l.stopped, &l.some) }, &after))
	var more []store.Claim
	switch {
	case err != nil:
	case after[0].stopped:
		more, err = p.admitProbe(ctx, args)
	case after[0].some:
		err = p.db.Write(ctx, Step{Statement: planOnce}, Step{Statement: lockAdmission}, rows(admitRest, args, scanTraced, &more), Step{Statement: chargeThem, Args: args})
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
		return do(ctx, Step{Statement: chargeThem, Args: args}, Step{Statement: noteProbe, Args: Args{"id": claims[0].Video, "wait": store.ProbeWait}})
	})
	return claims, err
}
