package sql

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"heyq/store"
)

// mayBegin is the guard of every Begin: the claim is the row's newest, it has
// not begun, and no run holds a live lease.
const mayBegin = `v.id = c.video AND v.claim = c.number AND v.run < c.number AND (v.lease_until IS NULL OR v.lease_until <= {now})`

// look is true if the step must not send, but look for what an earlier send
// made. RETURNING sees the new values, which give the same: the first send of a key
// is never a look, and later ones do not change submitted_at.
const look = `(cancel_requested OR refusal IS NOT NULL OR coalesce(submitted_at <= {now} - {span @keylife}, false))`

// beginCreate moves the row to submitting, durably, before a byte is sent. A
// send is counted unless this run is to look.
var beginCreate = statement("begin create", `
	UPDATE videos AS v
	   SET run = c.number, state = 'submitting',
	       lease_until   = {now} + {span @lease},
	       due_at        = {now} + {span @lease},
	       submitted_at  = CASE WHEN `+look+` THEN submitted_at ELSE coalesce(submitted_at, {now}) END,
	       sent_at       = CASE WHEN `+look+` THEN sent_at ELSE {now} END,
	       sends         = sends + CASE WHEN `+look+` THEN 0 ELSE 1 END,
	       looking_since = CASE WHEN `+look+` THEN coalesce(looking_since, {now}) END,
	       timeline      = CASE WHEN state = 'queued' THEN {moved 'submitting'} ELSE timeline END
	  FROM `+pairs+`
	 WHERE `+mayBegin+`
	   AND (v.state = 'submitting' OR (v.state = 'queued' AND v.slot AND `+mayPass+`))
	RETURNING id, run, state, title, description, metadata, request, attempt, created_at,
	       submission, refusals, sends = 1 AND NOT `+look+`, `+look+`,
	       coalesce(sent_at <= {now} - {span @grace}, true),
	       submitted_at <= {now} - {span @keylife},
	       coalesce(looking_since <= {now} - {span @searchtime}, false),
	       cancel_requested, refusal, coalesce(last_answer, ''), `+origin)

func scanCreate(row Row) (r store.Run, err error) {
	err = row.Scan(&r.Video, &r.Fence.Run, &r.State, &r.Title, &r.Description, asJSON(&r.Metadata), asText(&r.Request), &r.Attempt, asTime(&r.CreatedAt),
		&r.Submission, &r.Refusals, &r.First, &r.Search, &r.Settled, &r.KeyExpired, &r.SearchExpired, &r.CancelRequested, asJSON(&r.Refusal), &r.LastAnswer,
		&r.Origin.Trace, &r.Origin.Request)
	return r, err
}

// doubts selects how often a render was in doubt and for how long. It is scanned into a
// Run's Doubts and DoubtedFor.
const doubts = `doubts, coalesce({micros {now} - doubted_since}, 0)`

// beginPoll tells in Postgres whether a hint led to it: the subquery sees the row as
// it was before this statement. A hint that comes just between the two is served by
// this look without being told.
var beginPoll = statement("begin poll", `
	UPDATE videos AS v
	   SET run = c.number, hinted = false, lease_until = {now} + {span @lease}, due_at = {now} + {span @lease}
	  FROM `+pairs+`
	 WHERE `+mayBegin+` AND `+needs[store.Poll]+`
	RETURNING id, run, state, heygen_id, attempt, slot, `+doubts+`, {micros {now} - accepted_at},
	       render_deadline <= {now}, render_deadline <= {now} - {span @writeoff},
	       {either (SELECT was.hinted FROM videos was WHERE was.id = v.id) // hinted}, `+origin)

// hinted are those that have a hint, before they begin. SQLite's RETURNING sees
// the flag as it is afterwards, whatever the subquery.
var hinted = statement("read hints", `{lite SELECT id FROM videos WHERE hinted AND id IN (SELECT video FROM `+pairs+`)}`)

func scanPoll(row Row) (r store.Run, err error) {
	err = row.Scan(&r.Video, &r.Fence.Run, &r.State, &r.HeyGenID, &r.Attempt, &r.Slot, &r.Doubts, asSpan(&r.DoubtedFor), asSpan(&r.RenderingFor),
		&r.PastDeadline, &r.PastWriteOff, &r.Hinted, &r.Origin.Trace, &r.Origin.Request)
	return r, err
}

var beginDownload = statement("begin download", `
	UPDATE videos AS v
	   SET run = c.number, lease_until = {now} + {span @lease}, due_at = {now} + {span @lease}
	  FROM `+pairs+`
	 WHERE `+mayBegin+` AND v.state = 'downloading'
	RETURNING id, run, state, title, description, metadata, request, heygen_id, submission, attempt, created_at,
	       CASE WHEN completed_at IS NOT NULL THEN coalesce(media_prefix, '') ELSE '' END, CASE WHEN completed_at IS NOT NULL THEN file END, `+doubts+`, `+origin)

func scanDownload(row Row) (r store.Run, err error) {
	err = row.Scan(&r.Video, &r.Fence.Run, &r.State, &r.Title, &r.Description, asJSON(&r.Metadata), asText(&r.Request), &r.HeyGenID, &r.Submission, &r.Attempt, asTime(&r.CreatedAt),
		&r.MediaPrefix, asJSON(&r.File), &r.Doubts, asSpan(&r.DoubtedFor), &r.Origin.Trace, &r.Origin.Request)
	return r, err
}

// Begin takes the fence and the lease for those claims that may still begin.
func (p *Protocol) Begin(ctx context.Context, step store.Step, claims []store.Claim) (runs []store.Run, err error) {
	args := Args{
		"pairs": pairsOf(claims, ofClaim), "lease": p.timing.Lease, "keylife": p.timing.KeyLifetime,
		"grace": p.timing.Grace, "searchtime": p.timing.SearchTimeout, "writeoff": p.timing.SlotWriteOff,
	}
	switch step {
	case store.Create:
		runs, err = collect(ctx, p.db.Write, beginCreate, args, scanCreate)
	case store.Poll:
		var had []uuid.UUID
		err = p.db.Write(ctx, rows(hinted, args, scanID, &had), rows(beginPoll, args, scanPoll, &runs))
		for i := range runs {
			runs[i].Hinted = runs[i].Hinted || slices.Contains(had, runs[i].Video)
		}
	case store.Download:
		runs, err = collect(ctx, p.db.Write, beginDownload, args, scanDownload)
	}
	return runs, p.explain(err, "begin "+string(step))
}
