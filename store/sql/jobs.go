package sql

import (
	"context"
	"fmt"

	"heyq/store"
)

// Jobs lists up to n jobs, newest first.
func (p *Protocol) Jobs(ctx context.Context, f store.JobFilter, n int) ([]store.Job, error) {
	q, err := jobQueryOf(f)
	if err != nil {
		return nil, err
	}
	q.args["n"] = n
	list, err := collect(ctx, p.db.Read, q.list(), q.args, func(row Row) (j store.Job, err error) {
		err = row.Scan(&j.Kind, &j.ID, &j.Video, &j.UserID, &j.Title, &j.Step, &j.State, &j.Attempt, asJSON(&j.Failure), asTime(&j.At), &j.Way, &j.Script)
		return j, err
	})
	return list, p.explain(err, "list jobs")
}

// CountJobs counts what the filter lets through.
func (p *Protocol) CountJobs(ctx context.Context, f store.JobFilter) ([]store.JobCount, error) {
	q, err := jobQueryOf(f)
	if err != nil {
		return nil, err
	}
	list, err := collect(ctx, p.db.Read, q.count(), q.args, func(row Row) (c store.JobCount, err error) {
		return c, row.Scan(&c.Step, &c.Code, &c.Way, &c.Jobs, &c.Script, &c.Silent)
	})
	return list, p.explain(err, "count jobs")
}

// jobQuery is the parts of a query for jobs. Each condition stands in it only
// if it is asked for, so that a plan that is kept can use the index.
type jobQuery struct {
	columns, counted, from, where, behind, order string
	args                                         Args
}

func (q *jobQuery) list() *Statement {
	return together("list jobs", `SELECT `+q.columns+q.from+q.where+q.behind+q.order+` LIMIT @n`)
}

func (q *jobQuery) count() *Statement {
	return together("count jobs", `
		SELECT step, code, way, count(*), coalesce(sum(script), 0), count(*) FILTER (WHERE script = 0)
		  FROM (SELECT `+q.counted+q.from+q.where+`) AS jobs
		 GROUP BY step, code, way ORDER BY count(*) DESC, step, code, way`)
}

func jobQueryOf(f store.JobFilter) (*jobQuery, error) {
	q := &jobQuery{args: Args{}}
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
		WHEN {get v.failure code} IN ('needs_review', 'given_up') THEN 'review'
		ELSE 'new_render' END`
	videoStep = `CASE WHEN v.failure IS NOT NULL THEN coalesce({get v.failure step}, '')
		WHEN v.state IN ('queued', 'submitting') THEN 'create' WHEN v.state = 'downloading' THEN 'download' ELSE 'poll' END`
	videoScript = `length(coalesce({get v.request script}, ''))`
	videoOpen   = `{either (v.waiting OR v.active) AND v.state NOT IN ('failed', 'cancelled') // (v.state IN ('queued', 'submitting', 'rendering', 'downloading'))}`
)

func (q *jobQuery) videos(f store.JobFilter) {
	q.columns = `'video', v.id, v.id, v.user_id, v.title, ` + videoStep + `,
		CASE WHEN v.state IN ('failed', 'cancelled', 'completed') THEN v.state WHEN v.lease_until > {now} THEN 'running' ELSE 'waiting' END,
		v.attempt, v.failure, coalesce(v.failed_at, v.created_at), ` + videoWay + `, ` + videoScript
	q.counted = videoStep + ` AS step, coalesce({get v.failure code}, '') AS code, ` + videoWay + ` AS way, ` + videoScript + ` AS script`
	q.from = ` FROM videos v `
	switch {
	case f.IDs != nil:
		q.byID("v.id", f)
	case f.Open:
		q.where, q.order = `WHERE `+videoOpen, ` ORDER BY v.id DESC`
		q.and(!f.Behind.IsZero(), &q.behind, `v.id < @behind`, "behind", f.Behind.ID)
		q.and(f.State == store.JobRunning, &q.where, `v.lease_until > {now}`, "", nil)
		q.and(f.State == store.JobWaiting, &q.where, `(v.lease_until IS NULL OR v.lease_until <= {now})`, "", nil)
		q.and(f.Step != "", &q.where, videoStep+` = @step`, "step", f.Step)
		q.and(!f.Since.IsZero(), &q.where, `v.created_at >= @since`, "since", f.Since)
		q.and(!f.Before.IsZero(), &q.where, `v.created_at < @before`, "before", f.Before)
	default:
		q.where = `WHERE v.failed_at IS NOT NULL`
		q.failed("v.failed_at", "v.id", f)
		q.and(f.Step != "", &q.where, `{get v.failure step} = @step`, "step", f.Step)
		q.and(f.Code != "", &q.where, `{get v.failure code} = @code`, "code", f.Code)
	}
	q.and(f.IDs == nil && f.UserID != "", &q.where, `v.user_id = @user`, "user", f.UserID)
}

func (q *jobQuery) analyses(f store.JobFilter) {
	q.columns = `'analysis', v.id, v.id, v.user_id, v.title, '',
		CASE WHEN a.failed_at IS NOT NULL THEN 'failed' WHEN a.due_at IS NULL THEN 'completed' ELSE 'waiting' END,
		a.attempt, CASE WHEN a.failed_at IS NOT NULL THEN {object}('code', 'not_measured', 'message', format('given up after %s attempts', a.attempt)) END,
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
		CASE WHEN n.state = 'failed' THEN {object}('code', 'not_delivered', 'message', coalesce({either n.tries -> -1 ->> 'error' // n.tries ->> '$[#-1].error'}, '')) END,
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
	q.where, q.order = `WHERE {in `+id+` @ids}`, ` ORDER BY `+id+` DESC`
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
