package sql

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"heyq/store"
)

// requeueing is how jobs of one kind are made to run again. found locks the rows that
// still go on as they were picked, and passes over those that another transaction
// holds: it gives the id, the video and the way of each.
type requeueing struct {
	found   *Statement
	again   *Statement // makes them run again, all but videos that resume
	goOn    *Statement // and those
	outcome string
}

const picks = `{records @picks AS p (id uuid, way text)}`

var requeues = map[store.JobKind]requeueing{
	store.VideoJob: {
		found: statement("lock videos", `
			SELECT v.id, v.id, p.way FROM `+picks+` JOIN videos v ON v.id = p.id
			 WHERE v.state IN ('failed', 'cancelled') AND `+videoWay+` = p.way
			 ORDER BY v.id {lock OF v SKIP LOCKED}`),
		again: statement("submit anew", `UPDATE videos SET `+submitAnew+` WHERE {in id @ids} RETURNING id, submission`),
		goOn:  statement("resume", `UPDATE videos SET `+goOn+` WHERE {in id @ids} RETURNING id, submission`),
	},
	store.AnalysisJob: {
		found: statement("lock analyses", `
			SELECT a.video_id, a.video_id, p.way FROM `+picks+` JOIN video_analytics a ON a.video_id = p.id
			 WHERE a.failed_at IS NOT NULL AND p.way = 'again'
			 ORDER BY a.video_id {lock OF a SKIP LOCKED}`),
		again: statement("requeue analyses", `
			UPDATE video_analytics SET due_at = {now}, attempt = 0, failed_at = NULL WHERE {in video_id @ids} RETURNING video_id, 0`),
		outcome: "queued",
	},
	store.NotificationJob: {
		found: statement("lock notifications", `
			SELECT n.id, n.video_id, p.way FROM `+picks+` JOIN notifications n ON n.id = p.id
			 WHERE n.state = 'failed' AND p.way = 'again'
			 ORDER BY n.id {lock OF n SKIP LOCKED}`),
		again:   statement("requeue notifications", deliverAgain+` WHERE {in id @ids} RETURNING id, 0`),
		outcome: "due again",
	},
}

// Requeue makes jobs of one kind run again, and writes down what it did.
func (p *Protocol) Requeue(ctx context.Context, kind store.JobKind, picks []store.Pick, by store.Actor) (done []uuid.UUID, err error) {
	if len(picks) == 0 {
		return nil, nil
	}
	if _, ok := requeues[kind]; !ok {
		return nil, fmt.Errorf("requeue: there is no kind %q", kind)
	}
	err = p.db.InTx(ctx, func(ctx context.Context, do Do) error {
		done, err = p.requeue(ctx, do, kind, picks, by)
		return err
	})
	return done, p.explain(err, "requeue jobs")
}

func (p *Protocol) requeue(ctx context.Context, do Do, kind store.JobKind, picks []store.Pick, by store.Actor) (done []uuid.UUID, err error) {
	how := requeues[kind]
	type job struct {
		id, video uuid.UUID
		way       store.Way
	}
	found, err := collect(ctx, do, how.found, Args{"picks": list{picks}}, func(row Row) (j job, err error) { return j, row.Scan(&j.id, &j.video, &j.way) })
	if err != nil || len(found) == 0 {
		return nil, err
	}
	var again, goOn []uuid.UUID
	videos := map[uuid.UUID]uuid.UUID{}
	for _, j := range found {
		videos[j.id] = j.video
		if j.way == store.WayResume {
			goOn = append(goOn, j.id)
		} else {
			again = append(again, j.id)
		}
	}
	var actions []store.Action
	act := func(s *Statement, ids []uuid.UUID, outcome string) error {
		args := Args{"ids": ids, "render": p.timing.RenderTimeout, "life": store.NotificationLife}
		changed, err := collect(ctx, do, s, args, func(row Row) (a store.Action, err error) {
			var id uuid.UUID
			var submission int
			err = row.Scan(&id, &submission)
			a = store.Action{By: by, Verb: store.RequeueJob, Job: kind.ID(id), Video: videos[id], Outcome: outcome}
			if outcome == "" {
				a.Outcome = fmt.Sprintf("queued as submission %d", submission)
			}
			done = append(done, id)
			return a, err
		})
		actions = append(actions, changed...)
		return err
	}
	if len(goOn) > 0 {
		err = act(how.goOn, goOn, "resumed")
	}
	if err == nil && len(again) > 0 {
		err = act(how.again, again, how.outcome)
	}
	if err != nil {
		return nil, err
	}
	return done, do(ctx, record(actions))
}
