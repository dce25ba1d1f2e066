package sqlite

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/google/uuid"

	"heyq/store"
)

// mayBegin is the guard of every Begin: the claim is the row's newest, it has
// not begun, and nobody holds a live lease.
const mayBegin = `v.id = c.id AND v.claim = c.claim AND v.run < c.claim AND (v.lease_until IS NULL OR v.lease_until <= :now)`

// look is true where the step must not send, but look for what an earlier send
// made. RETURNING sees the new values, which give the same: the first send of
// a key is never a look, and later ones do not change submitted_at.
const look = `(cancel_requested OR refusal IS NOT NULL OR coalesce(submitted_at <= :now - :keylife, 0))`

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
	return change(ctx, s, scanCreate, `
		UPDATE videos AS v
		   SET run = c.claim, state = 'submitting',
		       lease_until   = :now + :lease,
		       due_at        = :now + :lease,
		       submitted_at  = CASE WHEN `+look+` THEN submitted_at ELSE coalesce(submitted_at, :now) END,
		       sent_at       = CASE WHEN `+look+` THEN sent_at ELSE :now END,
		       sends         = sends + NOT `+look+`,
		       looking_since = CASE WHEN `+look+` THEN coalesce(looking_since, :now) END,
		       timeline      = CASE WHEN state = 'queued'
		                            THEN json_insert(timeline, '$[#]', json_object('state', 'submitting', 'at', :now))
		                            ELSE timeline END
		  FROM `+pairs+` AS c
		 WHERE `+mayBegin+`
		   AND (v.state = 'submitting' OR (v.state = 'queued' AND v.slot AND `+mayPass+`))
		RETURNING id, run, state, title, description, metadata, request, attempt, created_at,
		       submission, refusals, sends = 1 AND NOT `+look+`, `+look+`,
		       coalesce(sent_at <= :now - :grace, 1),
		       submitted_at <= :now - :keylife,
		       coalesce(looking_since <= :now - :looktime, 0),
		       cancel_requested, refusal, coalesce(last_answer, ''), `+origin,
		list(claims), interval("lease", s.timing.Lease), interval("keylife", s.timing.KeyLifetime),
		interval("grace", s.timing.Grace), interval("looktime", s.timing.LookTimeout))
}

func scanCreate(row scanner) (r store.Run, err error) {
	err = row.Scan(&r.Video, &r.Fence.Run, &r.State, &r.Title, &r.Description, asJSON(&r.Metadata), asText(&r.Request), &r.Attempt, asTime(&r.CreatedAt),
		&r.Submission, &r.Refusals, &r.First, &r.Look, &r.Settled, &r.KeyExpired, &r.LookExpired, &r.CancelRequested, asJSON(&r.Refusal), &r.LastAnswer,
		&r.Origin.Trace, &r.Origin.Request)
	return r, err
}

// beginPoll tells whether a hint led to it; RETURNING would only see the flag as
// it is afterwards.
func (s *Store) beginPoll(ctx context.Context, claims []store.Claim) (runs []store.Run, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		hinted, err := collect(ctx, tx, scanID, `SELECT id FROM videos WHERE hinted AND id IN (SELECT id FROM `+pairs+`)`, list(claims))
		if err != nil {
			return err
		}
		runs, err = collect(ctx, tx, scanPoll, `
			UPDATE videos AS v
			   SET run = c.claim, hinted = 0, lease_until = :now + :lease, due_at = :now + :lease
			  FROM `+pairs+` AS c
			 WHERE `+mayBegin+`
			   AND `+needs[store.Poll]+`
			RETURNING id, run, state, heygen_id, attempt, slot, `+doubts+`, :now - accepted_at,
			       render_deadline <= :now, render_deadline <= :now - :writeoff, `+origin,
			s.now(), list(claims), interval("lease", s.timing.Lease), interval("writeoff", s.timing.SlotWriteOff))
		for i := range runs {
			runs[i].Hinted = slices.Contains(hinted, runs[i].Video)
		}
		return err
	})
	return runs, err
}

func scanID(row scanner) (id uuid.UUID, err error) { return id, row.Scan(&id) }

// doubts are a render's; scanned into a Run's Doubts and a number of microseconds.
const doubts = `doubts, coalesce(:now - doubted_since, 0)`

func scanPoll(row scanner) (r store.Run, err error) {
	var age, doubted int64
	err = row.Scan(&r.Video, &r.Fence.Run, &r.State, &r.HeyGenID, &r.Attempt, &r.Slot, &r.Doubts, &doubted, &age, &r.PastDeadline, &r.PastWriteOff, &r.Origin.Trace, &r.Origin.Request)
	r.RenderingFor, r.DoubtedFor = time.Duration(age)*time.Microsecond, time.Duration(doubted)*time.Microsecond
	return r, err
}

func (s *Store) beginDownload(ctx context.Context, claims []store.Claim) ([]store.Run, error) {
	return change(ctx, s, scanDownload, `
		UPDATE videos AS v
		   SET run = c.claim, lease_until = :now + :lease, due_at = :now + :lease
		  FROM `+pairs+` AS c
		 WHERE `+mayBegin+` AND v.state = 'downloading'
		RETURNING id, run, state, title, description, metadata, request, heygen_id, submission, attempt, created_at,
		       CASE WHEN completed_at IS NOT NULL THEN coalesce(media_prefix, '') ELSE '' END, CASE WHEN completed_at IS NOT NULL THEN file END, `+doubts+`, `+origin,
		list(claims), interval("lease", s.timing.Lease))
}

func scanDownload(row scanner) (r store.Run, err error) {
	var doubted int64
	err = row.Scan(&r.Video, &r.Fence.Run, &r.State, &r.Title, &r.Description, asJSON(&r.Metadata), asText(&r.Request), &r.HeyGenID, &r.Submission, &r.Attempt, asTime(&r.CreatedAt),
		&r.MediaPrefix, asJSON(&r.File), &r.Doubts, &doubted, &r.Origin.Trace, &r.Origin.Request)
	r.DoubtedFor = time.Duration(doubted) * time.Microsecond
	return r, err
}

// Renew extends the leases of everything that a worker runs.
func (s *Store) Renew(ctx context.Context, fences []store.Fence) ([]store.Fence, error) {
	claims := make([]store.Claim, len(fences))
	for i, f := range fences {
		claims[i] = store.Claim{Video: f.Video, Claim: f.Run}
	}
	renewed, err := change(ctx, s, func(row scanner) (f store.Fence, err error) {
		return f, row.Scan(&f.Video, &f.Run, &f.State)
	}, `
		UPDATE videos AS v SET lease_until = :now + :lease, due_at = :now + :lease
		  FROM `+pairs+` AS c
		 WHERE v.id = c.id AND v.run = c.claim AND v.lease_until IS NOT NULL
		RETURNING id, run, state`, list(claims), interval("lease", s.timing.Lease))
	return renewed, explain(err, "renew leases")
}
