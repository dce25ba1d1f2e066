package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"heyq/store"
)

// mayBegin is the guard of every Begin: the claim is the row's newest, it has
// not begun, and nobody holds a live lease.
const mayBegin = `v.id = c.id AND v.claim = c.claim AND v.run < c.claim AND (v.lease_until IS NULL OR v.lease_until <= now())`

// look is true where the step must not send, but look for what an earlier send
// made. The first send of a key is never a look.
const look = `(v.cancel_requested OR v.refusal IS NOT NULL OR coalesce(v.submitted_at <= now() - $4 * interval '1 s', false))`

// Begin takes the fence and the lease for those claims that may still begin.
func (s *Store) Begin(ctx context.Context, step store.Step, claims []store.Claim) ([]store.Run, error) {
	var runs []store.Run
	var err error
	switch step {
	case store.Create:
		runs, err = s.beginCreate(ctx, claims)
	case store.Poll:
		runs, err = s.beginPoll(ctx, claims)
	case store.Download:
		runs, err = s.beginDownload(ctx, claims)
	}
	return runs, explain(err, "begin "+string(step))
}

// beginCreate moves the row to submitting, durably, before a byte is sent. A
// send is counted unless this run is to look.
func (s *Store) beginCreate(ctx context.Context, claims []store.Claim) ([]store.Run, error) {
	ids, numbers := columns(claims)
	return collect(ctx, s, scanCreate, `
		UPDATE videos v
		   SET run = c.claim, state = 'submitting',
		       lease_until   = now() + $3 * interval '1 s',
		       due_at        = now() + $3 * interval '1 s',
		       submitted_at  = CASE WHEN `+look+` THEN v.submitted_at ELSE coalesce(v.submitted_at, now()) END,
		       sent_at       = CASE WHEN `+look+` THEN v.sent_at ELSE now() END,
		       sends         = v.sends + CASE WHEN `+look+` THEN 0 ELSE 1 END,
		       looking_since = CASE WHEN `+look+` THEN coalesce(v.looking_since, now()) END,
		       timeline      = CASE WHEN v.state = 'queued'
		                            THEN v.timeline || jsonb_build_array(jsonb_build_object('state', 'submitting', 'at', now()))
		                            ELSE v.timeline END
		  FROM unnest($1::uuid[], $2::bigint[]) AS c (id, claim)
		 WHERE `+mayBegin+`
		   AND (v.state = 'submitting' OR (v.state = 'queued' AND v.slot AND `+mayPass+`))
		RETURNING v.id, v.run, v.state, v.title, v.description, v.metadata, v.request, v.attempt, v.created_at,
		       v.submission, v.refusals, v.sends = 1 AND NOT `+look+`, `+look+`,
		       coalesce(v.sent_at <= now() - $5 * interval '1 s', true),
		       v.submitted_at <= now() - $4 * interval '1 s',
		       coalesce(v.looking_since <= now() - $6 * interval '1 s', false),
		       v.cancel_requested, v.refusal, coalesce(v.last_answer, ''), `+origin,
		ids, numbers, seconds(s.timing.Lease), seconds(s.timing.KeyLifetime), seconds(s.timing.Grace), seconds(s.timing.LookTimeout))
}

func scanCreate(row pgx.CollectableRow) (r store.Run, err error) {
	err = row.Scan(&r.Video, &r.Fence.Run, &r.State, &r.Title, &r.Description, &r.Metadata, &r.Request, &r.Attempt, &r.CreatedAt,
		&r.Submission, &r.Refusals, &r.First, &r.Look, &r.Settled, &r.KeyExpired, &r.LookExpired, &r.CancelRequested, &r.Refusal, &r.LastAnswer,
		&r.Origin.Trace, &r.Origin.Request)
	return r, err
}

// beginPoll tells whether a hint led to it: the subquery sees the row as it was
// before this statement. A hint that comes just between the two is served by
// this look without being told.
func (s *Store) beginPoll(ctx context.Context, claims []store.Claim) ([]store.Run, error) {
	ids, numbers := columns(claims)
	return collect(ctx, s, scanPoll, `
		UPDATE videos v
		   SET run = c.claim, hinted = false,
		       lease_until = now() + $3 * interval '1 s',
		       due_at      = now() + $3 * interval '1 s'
		  FROM unnest($1::uuid[], $2::bigint[]) AS c (id, claim)
		 WHERE `+mayBegin+`
		   AND `+needs[store.Poll]+`
		RETURNING v.id, v.run, v.state, v.heygen_id, v.attempt, v.slot, `+doubts+`,
		       extract(epoch FROM now() - v.accepted_at)::float8,
		       v.render_deadline <= now(),
		       v.render_deadline <= now() - $4 * interval '1 s',
		       (SELECT was.hinted FROM videos was WHERE was.id = v.id), `+origin,
		ids, numbers, seconds(s.timing.Lease), seconds(s.timing.SlotWriteOff))
}

// doubts are a render's; scanned into a Run's Doubts and a number of seconds.
const doubts = `v.doubts, coalesce(extract(epoch FROM now() - v.doubted_since)::float8, 0)`

func scanPoll(row pgx.CollectableRow) (r store.Run, err error) {
	var age, doubted float64
	err = row.Scan(&r.Video, &r.Fence.Run, &r.State, &r.HeyGenID, &r.Attempt, &r.Slot, &r.Doubts, &doubted, &age, &r.PastDeadline, &r.PastWriteOff, &r.Hinted,
		&r.Origin.Trace, &r.Origin.Request)
	r.RenderingFor, r.DoubtedFor = time.Duration(age*float64(time.Second)), time.Duration(doubted*float64(time.Second))
	return r, err
}

func (s *Store) beginDownload(ctx context.Context, claims []store.Claim) ([]store.Run, error) {
	ids, numbers := columns(claims)
	return collect(ctx, s, scanDownload, `
		UPDATE videos v
		   SET run = c.claim,
		       lease_until = now() + $3 * interval '1 s',
		       due_at      = now() + $3 * interval '1 s'
		  FROM unnest($1::uuid[], $2::bigint[]) AS c (id, claim)
		 WHERE `+mayBegin+` AND v.state = 'downloading'
		RETURNING v.id, v.run, v.state, v.title, v.description, v.metadata, v.request, v.heygen_id, v.submission, v.attempt, v.created_at,
		       CASE WHEN v.completed_at IS NOT NULL THEN coalesce(v.media_prefix, '') ELSE '' END, CASE WHEN v.completed_at IS NOT NULL THEN v.file END, `+doubts+`, `+origin,
		ids, numbers, seconds(s.timing.Lease))
}

func scanDownload(row pgx.CollectableRow) (r store.Run, err error) {
	var doubted float64
	err = row.Scan(&r.Video, &r.Fence.Run, &r.State, &r.Title, &r.Description, &r.Metadata, &r.Request, &r.HeyGenID, &r.Submission, &r.Attempt, &r.CreatedAt,
		&r.MediaPrefix, &r.File, &r.Doubts, &doubted, &r.Origin.Trace, &r.Origin.Request)
	r.DoubtedFor = time.Duration(doubted * float64(time.Second))
	return r, err
}

// Renew extends the leases of everything that a worker runs. It waits for nobody: one
// row that another transaction holds would let the leases of all others run out. Such
// a row is not extended, and counts as held while its fence stands.
func (s *Store) Renew(ctx context.Context, fences []store.Fence) ([]store.Fence, error) {
	claims := make([]store.Claim, len(fences))
	for i, f := range fences {
		claims[i] = store.Claim{Video: f.Video, Claim: f.Run}
	}
	ids, numbers := columns(claims)
	renewed, err := collect(ctx, s, pgx.RowToStructByPos[store.Fence], `
		WITH held AS (
		    SELECT v.id, v.run, v.state FROM unnest($1::uuid[], $2::bigint[]) AS r (id, run)
		      JOIN videos v ON v.id = r.id AND v.run = r.run AND v.lease_until IS NOT NULL
		), free AS (
		    SELECT v.id, v.run, v.state FROM unnest($1::uuid[], $2::bigint[]) AS r (id, run)
		      JOIN videos v ON v.id = r.id AND v.run = r.run AND v.lease_until IS NOT NULL
		       FOR NO KEY UPDATE OF v SKIP LOCKED
		), renewed AS (
		    UPDATE videos v SET lease_until = now() + $3 * interval '1 s', due_at = now() + $3 * interval '1 s'
		      FROM free WHERE v.id = free.id
		)
		SELECT id, run, state FROM free
		 UNION ALL
		SELECT id, run, state FROM held WHERE id NOT IN (SELECT id FROM free)`, ids, numbers, seconds(s.timing.Lease))
	return renewed, explain(err, "renew leases")
}
