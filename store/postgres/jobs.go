package postgres

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"heyq/store"
)

// Jobs lists up to n jobs, newest first.
func (s *Store) Jobs(ctx context.Context, f store.JobFilter, n int) ([]store.Job, error) {
	q, err := jobQueryOf(f)
	if err != nil {
		return nil, err
	}
	q.args["n"] = n
	list, err := collect(ctx, s, scanJob, `SELECT `+q.columns+q.from+q.where+q.behind+q.order+` LIMIT @n`, q.args)
	return list, explain(err, "list jobs")
}

// CountJobs counts what the filter lets through.
func (s *Store) CountJobs(ctx context.Context, f store.JobFilter) ([]store.JobCount, error) {
	q, err := jobQueryOf(f)
	if err != nil {
		return nil, err
	}
	list, err := collect(ctx, s, pgx.RowToStructByPos[store.JobCount], `
		SELECT step, code, way, count(*), coalesce(sum(script), 0), count(*) FILTER (WHERE script = 0)
		  FROM (SELECT `+q.counted+q.from+q.where+`) AS jobs
		 GROUP BY step, code, way ORDER BY count(*) DESC, step, code, way`, q.args)
	return list, explain(err, "count jobs")
}

func scanJob(row pgx.CollectableRow) (j store.Job, err error) {
	err = row.Scan(&j.Kind, &j.ID, &j.Video, &j.UserID, &j.Title, &j.Step, &j.State, &j.Attempt, &j.Failure, asTime(&j.At), &j.Way, &j.Script)
	return j, err
}

// jobQuery is the parts of a query for jobs. Each condition stands in it only
// where it is asked for, so that a plan that is kept can use the index.
type jobQuery struct {
	columns, counted, from, where, behind, order string
	args                                         pgx.NamedArgs
}

func jobQueryOf(f store.JobFilter) (*jobQuery, error) {
	q := &jobQuery{args: pgx.NamedArgs{}}
	switch f.Kind {
	case store.VideoJob:
		q.videos(f)
	case store.AnalysisJob:
		q.analyses(f)
	case store.NotificationJob:
		q.notifications(f)
	default:
		return nil, fmt.Errorf("list jobs: there is no kind %q", f.Kind)
	}
	return q, nil
}

// How a video that has ended so goes on, and which step it is in, or failed in.
const (
	videoWay = `CASE WHEN v.state NOT IN ('failed', 'cancelled') THEN ''
		WHEN v.heygen_id IS NOT NULL AND NOT v.render_dead THEN 'resume'
		WHEN v.sends = 0 THEN 'first_render'
		WHEN v.failure ->> 'code' IN ('needs_review', 'given_up') THEN 'review'
		ELSE 'new_render' END`
	videoStep = `CASE WHEN v.failure IS NOT NULL THEN coalesce(v.failure ->> 'step', '')
		WHEN v.state IN ('queued', 'submitting') THEN 'create' WHEN v.state = 'downloading' THEN 'download' ELSE 'poll' END`
	videoScript = `char_length(coalesce(v.request ->> 'script', ''))`
)

func (q *jobQuery) videos(f store.JobFilter) {
	q.columns = `'video', v.id, v.id, v.user_id, v.title, ` + videoStep + `,
		CASE WHEN v.state IN ('failed', 'cancelled', 'completed') THEN v.state WHEN v.lease_until > now() THEN 'running' ELSE 'waiting' END,
		v.attempt, v.failure, coalesce(v.failed_at, v.created_at), ` + videoWay + `, ` + videoScript
	q.counted = videoStep + ` AS step, coalesce(v.failure ->> 'code', '') AS code, ` + videoWay + ` AS way, ` + videoScript + ` AS script`
	q.from = ` FROM videos v `
	switch {
	case f.IDs != nil:
		q.byID("v.id", f)
	case f.Open:
		q.where, q.order = `WHERE (v.waiting OR v.active) AND v.state NOT IN ('failed', 'cancelled')`, ` ORDER BY v.id DESC`
		q.and(!f.Behind.IsZero(), &q.behind, `v.id < @behind`, "behind", f.Behind.ID)
		q.and(f.State == store.JobRunning, &q.where, `v.lease_until > now()`, "", nil)
		q.and(f.State == store.JobWaiting, &q.where, `(v.lease_until IS NULL OR v.lease_until <= now())`, "", nil)
		q.and(f.Step != "", &q.where, videoStep+` = @step`, "step", f.Step)
		q.and(!f.Since.IsZero(), &q.where, `v.created_at >= @since`, "since", f.Since)
		q.and(!f.Before.IsZero(), &q.where, `v.created_at < @before`, "before", f.Before)
	default:
		q.where = `WHERE v.failed_at IS NOT NULL`
		q.failed("v.failed_at", "v.id", f)
		q.and(f.Step != "", &q.where, `v.failure ->> 'step' = @step`, "step", f.Step)
		q.and(f.Code != "", &q.where, `v.failure ->> 'code' = @code`, "code", f.Code)
	}
	q.and(f.IDs == nil && f.UserID != "", &q.where, `v.user_id = @user`, "user", f.UserID)
}

func (q *jobQuery) analyses(f store.JobFilter) {
	q.columns = `'analysis', v.id, v.id, v.user_id, v.title, '',
		CASE WHEN a.failed_at IS NOT NULL THEN 'failed' WHEN a.due_at IS NULL THEN 'completed' ELSE 'waiting' END,
		a.attempt, CASE WHEN a.failed_at IS NOT NULL THEN jsonb_build_object('code', 'not_measured', 'message', format('given up after %s attempts', a.attempt)) END,
		coalesce(a.failed_at, v.created_at), CASE WHEN a.failed_at IS NOT NULL THEN 'again' ELSE '' END, 0`
	q.counted = `'' AS step, 'not_measured' AS code, 'again' AS way, 0 AS script`
	q.from = ` FROM video_analytics a JOIN videos v ON v.id = a.video_id `
	if f.IDs != nil {
		q.byID("a.video_id", f)
		return
	}
	q.where = `WHERE a.failed_at IS NOT NULL`
	q.failed("a.failed_at", "a.video_id", f)
	q.and(f.UserID != "", &q.where, `v.user_id = @user`, "user", f.UserID)
}

func (q *jobQuery) notifications(f store.JobFilter) {
	q.columns = `'notification', n.id, v.id, v.user_id, v.title, '',
		CASE n.state WHEN 'failed' THEN 'failed' WHEN 'delivered' THEN 'completed' ELSE 'waiting' END, n.attempt,
		CASE WHEN n.state = 'failed' THEN jsonb_build_object('code', 'not_delivered', 'message', coalesce(n.tries -> -1 ->> 'error', '')) END,
		coalesce(n.ended_at, n.created_at), CASE n.state WHEN 'failed' THEN 'again' ELSE '' END, 0`
	q.counted = `'' AS step, 'not_delivered' AS code, 'again' AS way, 0 AS script`
	q.from = ` FROM notifications n JOIN videos v ON v.id = n.video_id `
	if f.IDs != nil {
		q.byID("n.id", f)
		return
	}
	q.where = `WHERE n.state = 'failed'`
	q.failed("n.ended_at", "n.id", f)
	q.and(f.UserID != "", &q.where, `v.user_id = @user`, "user", f.UserID)
}

func (q *jobQuery) byID(id string, f store.JobFilter) {
	q.where, q.order = `WHERE `+id+` = ANY (@ids)`, ` ORDER BY `+id+` DESC`
	q.args["ids"] = f.IDs
}

// failed bounds a listing by when its jobs failed, and orders it so.
func (q *jobQuery) failed(at, id string, f store.JobFilter) {
	q.order = ` ORDER BY ` + at + ` DESC, ` + id + ` DESC`
	q.and(!f.Since.IsZero(), &q.where, at+` >= @since`, "since", f.Since)
	q.and(!f.Before.IsZero(), &q.where, at+` < @before`, "before", f.Before)
	q.and(!f.Behind.IsZero(), &q.behind, `(`+at+`, `+id+`) < (@at, @behind)`, "at", f.Behind.At)
	q.args["behind"] = f.Behind.ID
}

// and adds a condition, with the argument that it names.
func (q *jobQuery) and(wanted bool, to *string, condition, name string, value any) {
	if !wanted {
		return
	}
	*to += ` AND ` + condition
	if name != "" {
		q.args[name] = value
	}
}

// Requeue makes jobs of one kind run again.
func (s *Store) Requeue(ctx context.Context, kind store.JobKind, picks []store.Pick, by store.Actor) ([]uuid.UUID, error) {
	if len(picks) == 0 {
		return nil, nil
	}
	statement, ok := requeues[kind]
	if !ok {
		return nil, fmt.Errorf("requeue: there is no kind %q", kind)
	}
	ids, ways := make([]uuid.UUID, len(picks)), make([]string, len(picks))
	for i, p := range picks {
		ids[i], ways[i] = p.ID, string(p.Way)
	}
	life := s.timing.RenderTimeout
	if kind == store.NotificationJob {
		life = store.NotificationLife
	}
	done, err := collect(ctx, s, pgx.RowTo[uuid.UUID], statement, ids, seconds(life), ways, by.Who, by.RequestID)
	return done, explain(err, "requeue jobs")
}

// requeues are the statements that do it: each takes the rows that still go on
// as they were found, passes over those that somebody else holds, and writes
// down what it did. $2 is the time that what is begun again may take.
var requeues = map[store.JobKind]string{
	store.VideoJob: `
		WITH picked AS MATERIALIZED (
		    SELECT v.id, p.way FROM unnest($1::uuid[], $3::text[]) AS p (id, way) JOIN videos v ON v.id = p.id
		     WHERE v.state IN ('failed', 'cancelled') AND ` + videoWay + ` = p.way
		     ORDER BY v.id FOR UPDATE OF v SKIP LOCKED
		), resumed AS (
		    UPDATE videos v SET ` + resume + ` FROM picked p WHERE v.id = p.id AND p.way = 'resume'
		    RETURNING v.id, 'resumed' AS outcome
		), anew AS (
		    UPDATE videos v SET ` + submitAnew + ` FROM picked p WHERE v.id = p.id AND p.way <> 'resume'
		    RETURNING v.id, 'queued as submission ' || v.submission
		), done AS (
		    SELECT id, outcome FROM resumed UNION ALL SELECT * FROM anew
		), written AS (
		    INSERT INTO job_actions (who, request_id, action, job, video_id, outcome)
		    SELECT $4, $5, 'requeue', id::text, id, outcome FROM done
		)
		SELECT id FROM done`,
	store.AnalysisJob: `
		WITH done AS (
		    UPDATE video_analytics SET due_at = now(), attempt = 0, failed_at = NULL
		     WHERE $2::float8 >= 0 AND 'again' = ANY ($3::text[]) AND video_id = ANY (ARRAY(
		           SELECT video_id FROM video_analytics WHERE video_id = ANY ($1) AND failed_at IS NOT NULL
		            ORDER BY video_id FOR UPDATE SKIP LOCKED))
		    RETURNING video_id AS id
		), written AS (
		    INSERT INTO job_actions (who, request_id, action, job, video_id, outcome)
		    SELECT $4, $5, 'requeue', 'analysis:' || id, id, 'queued' FROM done
		)
		SELECT id FROM done`,
	store.NotificationJob: `
		WITH done AS (
		    UPDATE notifications
		       SET state = 'pending', due_at = now(), ended_at = NULL, attempt = 0,
		           expires_at = now() + $2 * interval '1 s', run = claim + 1, claim = claim + 1
		     WHERE 'again' = ANY ($3::text[]) AND id = ANY (ARRAY(
		           SELECT id FROM notifications WHERE id = ANY ($1) AND state = 'failed'
		            ORDER BY id FOR UPDATE SKIP LOCKED))
		    RETURNING id, video_id
		), written AS (
		    INSERT INTO job_actions (who, request_id, action, job, video_id, outcome)
		    SELECT $4, $5, 'requeue', 'notification:' || id, video_id, 'due again' FROM done
		)
		SELECT id FROM done`,
}
