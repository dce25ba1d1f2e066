package sql

import (
	"context"

	"github.com/google/uuid"

	"heyq/store"
)

// RecordActions writes down what was done to jobs that are no rows.
func (p *Protocol) RecordActions(ctx context.Context, list []store.Action) error {
	return p.explain(p.db.Write(ctx, record(list)), "record actions")
}

var recordActions = statement("record actions", `
	INSERT INTO job_actions (at, who, request_id, action, job, video_id, outcome)
	SELECT {now}, who, request_id, action, job, video_id, outcome
	  FROM {records @actions AS a (place integer, who text, request_id text, action text, job text, video_id uuid, outcome text)} ORDER BY place`)

// record writes all of them by one statement: there may be a thousand.
func record(actions []store.Action) Step {
	type row struct {
		Place     int        `json:"place"`
		Who       string     `json:"who"`
		RequestID string     `json:"request_id"`
		Action    store.Verb `json:"action"`
		Job       string     `json:"job"`
		VideoID   *uuid.UUID `json:"video_id"`
		Outcome   string     `json:"outcome"`
	}
	records := make([]row, len(actions))
	for i, a := range actions {
		records[i] = row{i, a.By.Who, a.By.RequestID, a.Verb, a.Job, nil, a.Outcome}
		if a.Video != uuid.Nil {
			records[i].VideoID = &a.Video
		}
	}
	return Step{Statement: recordActions, Args: Args{"actions": list{records}}}
}

const actionColumns = `SELECT at, who, request_id, action, job, video_id, outcome FROM job_actions`

var (
	allActions = statement("list actions", actionColumns+` ORDER BY id DESC LIMIT @n`)
	jobActions = statement("list actions", actionColumns+` WHERE job = @job ORDER BY id DESC LIMIT @n`)
)

// Actions returns what was done to a job, newest first.
func (p *Protocol) Actions(ctx context.Context, job string, n int) ([]store.Action, error) {
	which := jobActions
	if job == "" {
		which = allActions
	}
	list, err := collect(ctx, p.db.Read, which, Args{"n": n, "job": job}, func(row Row) (a store.Action, err error) {
		var video uuid.NullUUID
		err = row.Scan(asTime(&a.At), &a.By.Who, &a.By.RequestID, &a.Verb, &a.Job, &video, &a.Outcome)
		a.Video = video.UUID
		return a, err
	})
	return list, p.explain(err, "list actions")
}
