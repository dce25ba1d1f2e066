package sql

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"heyq/store"
)

// needs says, for each step, which of the active rows need it.
var needs = map[store.Step]string{
	store.Create:   `(state = 'submitting' OR (slot AND state = 'queued'))`,
	store.Poll:     `(state = 'rendering' OR (due_at IS NOT NULL AND state IN ('failed', 'cancelled')))`,
	store.Download: `state = 'downloading'`,
}

// dueFor selects the rows that are due for a step, the longest due first.
func dueFor(step store.Step) string {
	return `SELECT id FROM videos WHERE {active} AND due_at <= {now} AND ` + needs[step] + ` ORDER BY due_at, id LIMIT @n {lock SKIP LOCKED}`
}

var claims = perStep(func(step store.Step) *Statement {
	return statement("claim "+string(step), `
		UPDATE videos
		   SET claim = claim + 1, due_at = {now} + {span @redispatch},
		       lapses = CASE WHEN lease_until IS NULL THEN lapses ELSE lapses + 1 END, lease_until = NULL
		 WHERE id {pick}`+dueFor(step)+`{picked}
		RETURNING id, claim, coalesce(traceparent, ''), lapses`)
})

// perStep makes a statement for each step.
func perStep(make func(store.Step) *Statement) map[store.Step]*Statement {
	all := map[store.Step]*Statement{}
	for _, step := range store.Steps {
		all[step] = make(step)
	}
	return all
}

// Claim takes up to n rows that are due for a step. A lease that is still set has
// run out: that is a lapse. A row that lapses too often is not handed out; it ends
// here.
func (p *Protocol) Claim(ctx context.Context, step store.Step, n int) ([]store.Claim, error) {
	type claimed struct {
		store.Claim
		lapses int
	}
	rows, err := collect(ctx, p.db.Write, claims[step], Args{"n": n, "redispatch": p.timing.Redispatch}, func(row Row) (c claimed, err error) {
		return c, row.Scan(&c.Video, &c.Claim.Claim, &c.Trace, &c.lapses)
	})
	if err != nil {
		return nil, p.explain(err, "claim "+string(step))
	}
	list := make([]store.Claim, 0, len(rows))
	for _, row := range rows {
		if row.lapses < store.MostLapses {
			list = append(list, row.Claim)
			continue
		}
		err := p.write(ctx, "end a crash loop", crashLoop, Args{"id": row.Video, "claim": row.Claim.Claim, "why": failureOf(step)})
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

func failureOf(step store.Step) any {
	return asArg(&store.Failure{Code: "crash_loop", Message: "the worker died each time that it ran this step", Step: step})
}

// crashLoop ends a row that keeps killing its worker. A create is looked for
// instead: it may have been accepted. A slot that is held stays watched.
var crashLoop = statement("end a crash loop", `
	UPDATE videos
	   SET run = claim + 1, claim = claim + 1, lease_until = NULL, attempt = 0, lapses = 0,
	       state    = CASE WHEN state IN ('rendering', 'downloading') THEN 'failed' ELSE state END,
	       failure  = CASE WHEN state IN ('rendering', 'downloading') THEN @why ELSE failure END,
	       refusal  = CASE WHEN state = 'submitting' THEN coalesce(refusal, @why) ELSE refusal END,
	       timeline = CASE WHEN state IN ('rendering', 'downloading') THEN {moved 'failed'} ELSE timeline END,
	       due_at   = CASE WHEN slot THEN {now} END
	 WHERE id = @id AND claim = @claim AND run < @claim`)

// pairs are claims, or other pairs of an id and a number, as a table c. They are
// sorted, so that statements which meet in the same rows mostly lock them in the
// same order.
const pairs = `{records @pairs AS c (video uuid, number bigint)}`

type pair struct {
	Video  uuid.UUID `json:"video"`
	Number int64     `json:"number"`
}

func pairsOf[T any](items []T, pairOf func(T) pair) list {
	pairs := make([]pair, len(items))
	for i, item := range items {
		pairs[i] = pairOf(item)
	}
	slices.SortFunc(pairs, func(a, b pair) int { return byID(a.Video, b.Video) })
	return list{pairs}
}

func byID(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }

func ofClaim(c store.Claim) pair { return pair{c.Video, c.Claim} }

func scanClaim(row Row) (c store.Claim, err error) { return c, row.Scan(&c.Video, &c.Claim) }

func scanTraced(row Row) (c store.Claim, err error) {
	return c, row.Scan(&c.Video, &c.Claim, &c.Trace)
}

// notBegun is true of a video v whose newest claim is c, and has not begun.
const notBegun = `v.id = c.video AND v.claim = c.number AND v.run < c.number AND v.due_at IS NOT NULL`

// free are the rows of videos that meet a condition on the pairs, and that no other
// transaction holds this moment. What is done to them waits for no lock.
func free(condition, columns string) string {
	return `SELECT ` + columns + ` FROM ` + pairs + ` JOIN videos v ON ` + condition + ` {share OF v SKIP LOCKED}`
}

// unclaim leaves out what another transaction holds: it is due again after redispatch.
var unclaim = statement("unclaim", `UPDATE videos SET due_at = {now} + {span 1000000} WHERE id {pick}`+free(notBegun, "v.id")+`{picked}`)

// Unclaim makes claims that could not be enqueued due again in a second.
func (p *Protocol) Unclaim(ctx context.Context, claims []store.Claim) error {
	return p.write(ctx, "give claims back", unclaim, Args{"pairs": pairsOf(claims, ofClaim)})
}

const granted = ` AND claim > run AND due_at > {now} + {span @after} {share SKIP LOCKED}{picked}`

var (
	regrantVideos        = statement("regrant videos", `UPDATE videos SET due_at = {now} WHERE id {pick}SELECT id FROM videos WHERE {active} AND lease_until IS NULL`+granted)
	regrantNotifications = statement("regrant notifications", `UPDATE notifications SET due_at = {now} WHERE id {pick}SELECT id FROM notifications WHERE due_at IS NOT NULL`+granted)
)

// Regrant makes due what was granted within the last d and has not begun. A grant is
// due at redispatch, and nothing else is due so late while its claim has not begun.
func (p *Protocol) Regrant(ctx context.Context, d time.Duration) error {
	for _, s := range []*Statement{regrantVideos, regrantNotifications} {
		if err := p.write(ctx, "grant again what may be lost", s, Args{"after": p.timing.Redispatch - d}); err != nil {
			return err
		}
	}
	return nil
}

// kept extends rows that meet a condition on the pairs, and returns them. It waits for
// no lock: one row that another transaction holds would let the leases of all others
// run out. Such a row is not extended, and counts as held while its fence stands.
func kept(name, condition, set, columns string) *Statement {
	return statement(name, `{either WITH held AS (
		    SELECT v.id, `+columns+` FROM `+pairs+` JOIN videos v ON `+condition+`
		), free AS (
		    `+free(condition, "v.id, "+columns)+`
		), kept AS (
		    UPDATE videos v SET `+set+` FROM free WHERE v.id = free.id
		)
		SELECT * FROM free
		 UNION ALL
		SELECT * FROM held WHERE id NOT IN (SELECT id FROM free) // UPDATE videos AS v SET `+set+` FROM `+pairs+` WHERE `+condition+` RETURNING id, `+columns+`}`)
}

var hold = kept("hold", notBegun, `due_at = {now} + {span @lease}`, `claim`)

// Hold keeps claims that wait inside a worker from being dispatched again.
func (p *Protocol) Hold(ctx context.Context, claims []store.Claim) ([]store.Claim, error) {
	held, err := collect(ctx, p.db.Write, hold, Args{"pairs": pairsOf(claims, ofClaim), "lease": p.timing.Lease}, scanClaim)
	return held, p.explain(err, "hold claims")
}

var renew = kept("renew", `v.id = c.video AND v.run = c.number AND v.lease_until IS NOT NULL`,
	`lease_until = {now} + {span @lease}, due_at = {now} + {span @lease}`, `run, state`)

// Renew extends the leases of everything that a worker runs.
func (p *Protocol) Renew(ctx context.Context, fences []store.Fence) ([]store.Fence, error) {
	pairs := pairsOf(fences, func(f store.Fence) pair { return pair{f.Video, f.Run} })
	renewed, err := collect(ctx, p.db.Write, renew, Args{"pairs": pairs, "lease": p.timing.Lease}, func(row Row) (f store.Fence, err error) {
		return f, row.Scan(&f.Video, &f.Run, &f.State)
	})
	return renewed, p.explain(err, "renew leases")
}
