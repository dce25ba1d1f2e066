package sql

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"heyq/store"
)

var readAdmission = statement("read admission", `
	SELECT CASE WHEN state = 'paused' AND until <= {now} THEN 'open' ELSE state END,
	       CASE WHEN state = 'paused' AND until <= {now} THEN '' ELSE reason END,
	       CASE WHEN state = 'paused' AND until > {now} THEN until END
	  FROM admission`)

// Admission returns the gate as it stands now; a pause that has run out is no
// pause any more.
func (p *Protocol) Admission(ctx context.Context) (store.Admission, error) {
	list, err := collect(ctx, p.db.Read, readAdmission, nil, func(row Row) (a store.Admission, err error) {
		return a, row.Scan(&a.State, &a.Reason, asTime(&a.Until))
	})
	if err != nil {
		return store.Admission{}, p.explain(err, "read admission")
	}
	return list[0], nil
}

// move changes the gate, and returns it as it is then.
func (p *Protocol) move(ctx context.Context, doing string, steps []Step) (store.Admission, error) {
	if err := p.db.Write(ctx, steps...); err != nil {
		return store.Admission{}, p.explain(err, doing)
	}
	return p.Admission(ctx)
}

// closable is true of a gate that is open, or waits for a time only.
const closable = `(state = 'open' OR (state = 'paused' AND until IS NOT NULL))`

var (
	pause     = statement("pause admission", `UPDATE admission SET state = 'paused', reason = @reason, until = NULL`)
	closeGate = statement("close admission", `UPDATE admission SET state = 'paused', reason = @reason, until = NULL WHERE `+closable)
	resume    = opening("resume admission", `UPDATE admission SET `+opened+`, streak = '{}'`)
	reopen    = opening("reopen admission", `
		UPDATE admission SET `+opened+`, streak = '{}' WHERE state = 'paused' AND until IS NULL AND reason = @reason`)
)

// PauseAdmission closes the gate until a person resumes it.
func (p *Protocol) PauseAdmission(ctx context.Context, reason string) (store.Admission, error) {
	return p.move(ctx, "pause admission", shut(pause, Args{"reason": reason}))
}

// ResumeAdmission opens the gate; videos that waited for it are due now.
func (p *Protocol) ResumeAdmission(ctx context.Context) (store.Admission, error) {
	return p.move(ctx, "resume admission", resume.steps(Args{}))
}

// CloseAdmission closes the gate unless it is closed until a person opens it.
func (p *Protocol) CloseAdmission(ctx context.Context, reason string) (store.Admission, error) {
	return p.move(ctx, "close admission", shut(closeGate, Args{"reason": reason}))
}

// ReopenAdmission opens the gate that CloseAdmission closed for this reason.
func (p *Protocol) ReopenAdmission(ctx context.Context, reason string) (store.Admission, error) {
	return p.move(ctx, "reopen admission", reopen.steps(Args{"reason": reason}))
}

// opener opens the gate, and if it does the videos that waited for it are due now.
type opener struct{ first, second *Statement }

// opening makes an opener of an UPDATE. In Postgres it is one statement, since its
// second part depends on the first. SQLite counts what its last statement has changed.
func opening(name, update string) opener {
	const due = `UPDATE videos SET due_at = {now} WHERE {waiting} AND not_before <= {now} AND due_at > {now}`
	return opener{
		statement(name, `{either WITH opened AS (`+update+` RETURNING true) `+due+` AND EXISTS (SELECT 1 FROM opened) // `+update+`}`),
		statement("wake those who wait", `{lite `+due+` AND changes() > 0}`),
	}
}

func (o opener) steps(args Args) []Step {
	return []Step{{Statement: o.first, Args: args}, {Statement: o.second, Args: args}}
}

// pauseGate closes the gate for a time. A stop and a pause by an operator outlast
// it; the longer of two holds.
var pauseGate = statement("pause admission", `
	UPDATE admission
	   SET state = 'paused', reason = @reason, until = {greatest}(coalesce(until, {now}), {now} + {span @for})
	 WHERE `+closable)

func pauseFor(p store.Pause) []Step {
	return shut(pauseGate, Args{"reason": p.Reason, "for": p.For})
}

// met is true if the video that was let through is among those that were refused,
// and probes how many were refused so.
const (
	met    = `{in probe @refused}`
	probes = `(CASE WHEN state <> 'stopped' THEN 0 WHEN ` + met + ` THEN probes + 1 ELSE probes END)`
)

// stopGate closes the gate until HeyGen takes a video again. What an operator has
// paused stays paused: a stop ends by itself. If the video that was let through
// is among those that were refused, the next one waits for longer.
var stopGate = statement("stop admission", `
	UPDATE admission
	   SET state = 'stopped', reason = @reason, until = NULL, proof = @proof,
	       closed_at = CASE WHEN state = 'stopped' THEN closed_at ELSE {now} END,
	       probes    = `+probes+`,
	       probe     = CASE WHEN state = 'stopped' AND NOT (`+met+`) THEN probe END,
	       probe_at  = {now} + {span {least}(CAST(@most AS bigint), CAST(@wait AS bigint) << {least}(`+probes+`, 20))}
	 WHERE state <> 'paused' OR until IS NOT NULL`)

func stop(r store.Refusal, refused []uuid.UUID) []Step {
	return shut(stopGate, Args{"reason": r.Reason, "proof": r.Proof, "refused": refused, "wait": store.ProbeWait, "most": store.MostProbeWait})
}

// forgetStreak ends a row of equal refusals.
var forgetStreak = statement("forget refusals", `
	UPDATE admission SET streak = {either streak - 'kind' - 'videos' // json_remove(streak, '$.kind', '$.videos')} WHERE {get streak kind} IS NOT NULL`)

// proven opens a stopped gate if what HeyGen took or completed was sent after it had
// closed. The first send of a key is proof that HeyGen takes new videos; a resend
// may be answered from HeyGen's memory, but for that of the video that was let
// through.
var proven = opening("open by proof", `
	UPDATE admission AS a
	   SET `+opened+`, streak = {either jsonb_strip_nulls(jsonb_build_object('passed', a.streak ->> 'closed')) // json_patch('{}', json_object('passed', a.streak ->> 'closed'))}
	 WHERE a.state = 'stopped'
	   AND EXISTS (SELECT 1 FROM videos v
	                WHERE CASE a.proof
	                      WHEN 'render' THEN {in v.id @rendered} AND v.accepted_at IS NOT NULL AND (a.closed_at IS NULL OR v.accepted_at > a.closed_at)
	                      ELSE {in v.id @taken} AND v.sent_at IS NOT NULL AND (a.closed_at IS NULL OR v.sent_at > a.closed_at)
	                           AND (a.proof = 'answer' OR v.sends = 1 OR v.id = a.probe) END
	                  AND {in v.id @proofs})`)

func openByProof(taken, rendered []uuid.UUID) []Step {
	if len(taken)+len(rendered) == 0 {
		return nil
	}
	return proven.steps(Args{"taken": taken, "rendered": rendered, "proofs": slices.Concat(taken, rendered)})
}

// opened is a gate without a memory.
const opened = `state = 'open', reason = '', until = NULL, closed_at = NULL, proof = 'send', probe = NULL, probe_at = NULL, probes = 0`

// freeAdmitted takes the slots back that queued rows hold: they cannot begin while
// the gate is closed. A row that begins this moment is skipped; it is on its way.
var freeAdmitted = statement("free admitted videos", `
	UPDATE videos
	   SET slot = false, run = claim + 1, claim = claim + 1, lease_until = NULL,
	       due_at = coalesce((SELECT until FROM admission WHERE state = 'paused'), {now})
	 WHERE id {pick}SELECT id FROM videos WHERE {active} AND slot AND state = 'queued' {lock SKIP LOCKED}{picked}`)

// shut closes the gate by a statement. Admission's lock comes first: an Admit that
// has seen the gate open must have committed, or its rows would keep their slots
// until redispatch.
func shut(how *Statement, args Args) []Step {
	return []Step{{Statement: lockAdmission}, {Statement: how, Args: args}, {Statement: freeAdmitted}}
}
