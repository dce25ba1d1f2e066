package sql

import (
	"context"
	"time"

	"github.com/google/uuid"

	"heyq/store"
)

// steps counts the states that a video was in.
const steps = `{either jsonb_array_length(timeline) // json_array_length(timeline)}`

// moving reads small indexes alone: of what is at work, of ids, of failures, and of what
// is or was to be measured.
var moving = statement("look what moves", `
	SELECT id, `+steps+`, 1 FROM videos WHERE {active}
	 UNION ALL
	SELECT id, `+steps+`, 0 FROM (SELECT id, timeline FROM videos WHERE id > @first ORDER BY id LIMIT @n) AS created
	 UNION ALL
	SELECT id, `+steps+`, 0 FROM (
	       SELECT id, timeline FROM videos WHERE failed_at > {now} - {span @span} AND failed_at IS NOT NULL ORDER BY failed_at DESC LIMIT @n) AS failed
	 UNION ALL
	SELECT v.id, `+steps+`, 0 FROM (
	       SELECT video_id FROM video_analytics WHERE due_at IS NOT NULL ORDER BY due_at DESC LIMIT @n) AS unmeasured
	       {from it JOIN} videos v ON v.id = video_id
	 UNION ALL
	SELECT v.id, `+steps+`, 0 FROM (
	       SELECT video_id FROM video_analytics WHERE completed_at > {now} - {span @span} AND completed_at IS NOT NULL AND NOT counted
	        ORDER BY completed_at DESC LIMIT @n) AS measured
	       {from it JOIN} videos v ON v.id = video_id`)

// Moving lists the videos that may have moved.
func (p *Protocol) Moving(ctx context.Context, span time.Duration, n int) ([]store.Moving, error) {
	args := Args{"first": firstID(time.Now().Add(-span)), "span": span, "n": n}
	list, err := collect(ctx, p.db.Read, moving, args, func(row Row) (m store.Moving, err error) {
		active := 0
		err = row.Scan(&m.Video, &m.Steps, &active)
		m.Active = active == 1
		return m, err
	})
	return list, p.explain(err, "look what moves")
}

// firstID is below the ids of version 7 that are made from a time on.
func firstID(at time.Time) (id uuid.UUID) {
	for i, ms := 5, at.UnixMilli(); i >= 0; i, ms = i-1, ms>>8 {
		id[i] = byte(ms)
	}
	return id
}

var histories = statement("read histories", `
	SELECT id, user_id, CASE WHEN not_before > created_at THEN not_before END, timeline FROM videos WHERE {in id @ids}`)

// Histories returns the histories of those videos that exist.
func (p *Protocol) Histories(ctx context.Context, ids []uuid.UUID) ([]store.History, error) {
	list, err := collect(ctx, p.db.Read, histories, Args{"ids": ids}, func(row Row) (h store.History, err error) {
		var timeline []event
		err = row.Scan(&h.Video, &h.UserID, asTime(&h.NotBefore), asJSON(&timeline))
		for _, e := range timeline {
			h.Timeline = append(h.Timeline, store.Event{State: e.State, At: time.Time(e.At)})
		}
		return h, err
	})
	return list, p.explain(err, "read histories")
}

// phaseTimes reads ten rows for each that it is to find, at most, as renderTimes does.
var phaseTimes = statement("read phase times", `
	SELECT queue_time, submit_time, render_time, download_time
	  FROM (SELECT video_id, queue_time, submit_time, render_time, download_time FROM video_analytics
	         ORDER BY video_id DESC LIMIT CAST(@n AS bigint) * 10) AS newest
	 WHERE render_time > {either interval '0' // 0} ORDER BY video_id DESC LIMIT @n`)

// PhaseTimes says how long the phases of the newest videos took.
func (p *Protocol) PhaseTimes(ctx context.Context, n int) ([]store.PhaseTimes, error) {
	list, err := collect(ctx, p.db.Read, phaseTimes, Args{"n": n}, func(row Row) (t store.PhaseTimes, err error) {
		return t, row.Scan(&t.Queue, &t.Submit, &t.Render, &t.Download)
	})
	return list, p.explain(err, "read phase times")
}
