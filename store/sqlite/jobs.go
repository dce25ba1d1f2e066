package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"heyq/store"
)

// Jobs lists up to n jobs, newest first.
func (s *Store) Jobs(ctx context.Context, f store.JobFilter, n int) ([]store.Job, error) {
	q, err := s.jobQueryOf(f)
	if err != nil {
		return nil, err
	}
	list, err := collect(ctx, s.reader, scanJob, `SELECT `+q.columns+q.from+q.where+q.behind+q.order+` LIMIT :n`,
		append(q.args, sql.Named("n", n))...)
	return list, explain(err, "list jobs")
}

// CountJobs counts what the filter lets through.
func (s *Store) CountJobs(ctx context.Context, f store.JobFilter) ([]store.JobCount, error) {
	q, err := s.jobQueryOf(f)
	if err != nil {
		return nil, err
	}
	list, err := collect(ctx, s.reader, func(row scanner) (c store.JobCount, err error) {
		err = row.Scan(&c.Step, &c.Code, &c.Way, &c.Jobs, &c.Script, &c.Silent)
		return c, err
	}, `
		SELECT step, code, way, count(*), coalesce(sum(script), 0), count(*) FILTER (WHERE script = 0)
		  FROM (SELECT `+q.counted+q.from+q.where+`) AS jobs
		 GROUP BY step, code, way ORDER BY count(*) DESC, step, code, way`, q.args...)
	return list, explain(err, "count jobs")
}

func scanJob(row scanner) (j store.Job, err error) {
	err = row.Scan(&j.Kind, &j.ID, &j.Video, &j.UserID, &j.Title, &j.Step, &j.State, &j.Attempt, asJSON(&j.Failure), asTime(&j.At), &j.Way, &j.Script)
	return j, err
}

// jobQuery is the parts of a query for jobs. Each condition stands in it only
// where it is asked for, so that the plan can use the index.
type jobQuery struct {
	columns, counted, from, where, behind, order string
	args                                         []any
}

func (s *Store) jobQueryOf(f store.JobFilter) (*jobQuery, error) {
	q := &jobQuery{args: []any{s.now()}}
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
		WHEN v.failure ->> '$.code' IN ('needs_review', 'given_up') THEN 'review'
		ELSE 'new_render' END`
	videoStep = `CASE WHEN v.failure IS NOT NULL THEN coalesce(v.failure ->> '$.step', '')
		WHEN v.state IN ('queued', 'submitting') THEN 'create' WHEN v.state = 'downloading' THEN 'download' ELSE 'poll' END`
	videoScript = `length(coalesce(v.request ->> '$.script', ''))`
	videoOpen   = `WHERE (v.state IN ('queued', 'submitting', 'rendering', 'downloading'))`
)

func (q *jobQuery) videos(f store.JobFilter) {
	q.columns = `'video', v.id, v.id, v.user_id, v.title, ` + videoStep + `,
		CASE WHEN v.state IN ('failed', 'cancelled', 'completed') THEN v.state WHEN v.lease_until > :now THEN 'running' ELSE 'waiting' END,
		v.attempt, v.failure, coalesce(v.failed_at, v.created_at), ` + videoWay + `, ` + videoScript
	q.counted = videoStep + ` AS step, coalesce(v.failure ->> '$.code', '') AS code, ` + videoWay + ` AS way, ` + videoScript + ` AS script`
	q.from = ` FROM videos v `
	switch {
	case f.IDs != nil:
		q.byID("v.id", f)
	case f.Open:
		q.where, q.order = videoOpen, ` ORDER BY v.id DESC`
		q.and(!f.Behind.IsZero(), &q.behind, `v.id < :behind`, sql.Named("behind", f.Behind.ID))
		q.and(f.State == store.JobRunning, &q.where, `v.lease_until > :now`)
		q.and(f.State == store.JobWaiting, &q.where, `(v.lease_until IS NULL OR v.lease_until <= :now)`)
		q.and(f.Step != "", &q.where, videoStep+` = :step`, sql.Named("step", string(f.Step)))
		q.and(!f.Since.IsZero(), &q.where, `v.created_at >= :since`, sql.Named("since", micros(f.Since)))
		q.and(!f.Before.IsZero(), &q.where, `v.created_at < :before`, sql.Named("before", micros(f.Before)))
	default:
		q.where = `WHERE v.failed_at IS NOT NULL`
		q.failed("v.failed_at", "v.id", f)
		q.and(f.Step != "", &q.where, `v.failure ->> '$.step' = :step`, sql.Named("step", string(f.Step)))
		q.and(f.Code != "", &q.where, `v.failure ->> '$.code' = :code`, sql.Named("code", f.Code))
	}
	q.and(f.IDs == nil && f.UserID != "", &q.where, `v.user_id = :user`, sql.Named("user", f.UserID))
}

func (q *jobQuery) analyses(f store.JobFilter) {
	q.columns = `'analysis', v.id, v.id, v.user_id, v.title, '',
		CASE WHEN a.failed_at IS NOT NULL THEN 'failed' WHEN a.due_at IS NULL THEN 'completed' ELSE 'waiting' END,
		a.attempt, CASE WHEN a.failed_at IS NOT NULL THEN json_object('code', 'not_measured', 'message', format('given up after %d attempts', a.attempt)) END,
		coalesce(a.failed_at, v.created_at), CASE WHEN a.failed_at IS NOT NULL THEN 'again' ELSE '' END, 0`
	q.counted = `'' AS step, 'not_measured' AS code, 'again' AS way, 0 AS script`
	q.from = ` FROM video_analytics a JOIN videos v ON v.id = a.video_id `
	if f.IDs != nil {
		q.byID("a.video_id", f)
		return
	}
	q.where = `WHERE a.failed_at IS NOT NULL`
	q.failed("a.failed_at", "a.video_id", f)
	q.and(f.UserID != "", &q.where, `v.user_id = :user`, sql.Named("user", f.UserID))
}

func (q *jobQuery) notifications(f store.JobFilter) {
	q.columns = `'notification', n.id, v.id, v.user_id, v.title, '',
		CASE n.state WHEN 'failed' THEN 'failed' WHEN 'delivered' THEN 'completed' ELSE 'waiting' END, n.attempt,
		CASE WHEN n.state = 'failed' THEN json_object('code', 'not_delivered', 'message', coalesce(n.tries ->> '$[#-1].error', '')) END,
		coalesce(n.ended_at, n.created_at), CASE n.state WHEN 'failed' THEN 'again' ELSE '' END, 0`
	q.counted = `'' AS step, 'not_delivered' AS code, 'again' AS way, 0 AS script`
	q.from = ` FROM notifications n JOIN videos v ON v.id = n.video_id `
	if f.IDs != nil {
		q.byID("n.id", f)
		return
	}
	q.where = `WHERE n.state = 'failed'`
	q.failed("n.ended_at", "n.id", f)
	q.and(f.UserID != "", &q.where, `v.user_id = :user`, sql.Named("user", f.UserID))
}

func (q *jobQuery) byID(id string, f store.JobFilter) {
	q.where, q.order = `WHERE `+id+` IN (SELECT value FROM json_each(:ids))`, ` ORDER BY `+id+` DESC`
	q.args = append(q.args, idList(f.IDs))
}

// failed bounds a listing by when its jobs failed, and orders it so.
func (q *jobQuery) failed(at, id string, f store.JobFilter) {
	q.order = ` ORDER BY ` + at + ` DESC, ` + id + ` DESC`
	q.and(!f.Since.IsZero(), &q.where, at+` >= :since`, sql.Named("since", micros(f.Since)))
	q.and(!f.Before.IsZero(), &q.where, at+` < :before`, sql.Named("before", micros(f.Before)))
	q.and(!f.Behind.IsZero(), &q.behind, `(`+at+`, `+id+`) < (:at, :behind)`,
		sql.Named("at", micros(f.Behind.At)), sql.Named("behind", f.Behind.ID))
}

// and adds a condition, with the arguments that it names.
func (q *jobQuery) and(wanted bool, to *string, condition string, args ...any) {
	if wanted {
		*to += ` AND ` + condition
		q.args = append(q.args, args...)
	}
}

// Requeue makes jobs of one kind run again.
func (s *Store) Requeue(ctx context.Context, kind store.JobKind, picks []store.Pick, by store.Actor) (done []uuid.UUID, err error) {
	if len(picks) == 0 {
		return nil, nil
	}
	statements, ok := requeues[kind]
	if !ok {
		return nil, fmt.Errorf("requeue: there is no kind %q", kind)
	}
	records, err := json.Marshal(picks)
	if err != nil {
		return nil, fmt.Errorf("encode picks: %w", err)
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		var actions []store.Action
		for _, statement := range statements {
			list, err := collect(ctx, tx, func(row scanner) (a store.Action, err error) {
				var id uuid.UUID
				err = row.Scan(&id, &a.Job, &a.Video, &a.Outcome)
				done = append(done, id)
				a.By, a.Verb = by, store.RequeueJob
				return a, err
			}, statement, s.now(), sql.Named("picks", string(records)),
				interval("render", s.timing.RenderTimeout), interval("life", store.NotificationLife))
			if err != nil {
				return err
			}
			actions = append(actions, list...)
		}
		return s.record(ctx, tx, actions)
	})
	return done, explain(err, "requeue jobs")
}

// picked is the list of picks as a table.
const picked = `(SELECT value ->> '$.id' AS pick, value ->> '$.way' AS way FROM json_each(:picks)) AS p`

// requeues are the statements that do it: each takes the rows that still go on
// as they were found.
var requeues = map[store.JobKind][]string{
	store.VideoJob: {
		`UPDATE videos AS v SET ` + resume + ` FROM ` + picked + `
		  WHERE v.id = p.pick AND p.way = 'resume' AND v.state IN ('failed', 'cancelled') AND ` + videoWay + ` = p.way
		 RETURNING id, id, id, 'resumed'`,
		`UPDATE videos AS v SET ` + submitAnew + ` FROM ` + picked + `
		  WHERE v.id = p.pick AND p.way <> 'resume' AND v.state IN ('failed', 'cancelled') AND ` + videoWay + ` = p.way
		 RETURNING id, id, id, 'queued as submission ' || submission`,
	},
	store.AnalysisJob: {
		`UPDATE video_analytics AS a SET due_at = :now, attempt = 0, failed_at = NULL FROM ` + picked + `
		  WHERE a.video_id = p.pick AND p.way = 'again' AND a.failed_at IS NOT NULL
		 RETURNING video_id, 'analysis:' || video_id, video_id, 'queued'`,
	},
	store.NotificationJob: {
		`UPDATE notifications AS n
		    SET state = 'pending', due_at = :now, ended_at = NULL, attempt = 0,
		        expires_at = :now + :life, run = claim + 1, claim = claim + 1
		   FROM ` + picked + `
		  WHERE n.id = p.pick AND p.way = 'again' AND n.state = 'failed'
		 RETURNING id, 'notification:' || id, video_id, 'due again'`,
	},
}
