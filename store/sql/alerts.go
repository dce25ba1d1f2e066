package sql

import (
	"context"
	"time"

	"github.com/google/uuid"

	"heyq/store"
)

var beginRound = statement("begin a round", `
	UPDATE watch SET round = round + 1, lease_until = {now} + {span @lease}
	 WHERE lease_until IS NULL OR lease_until <= {now}
	RETURNING round, {now}, memory`)

// BeginRound takes the next round, unless one is under way.
func (p *Protocol) BeginRound(ctx context.Context) (r store.Round, ok bool, err error) {
	rounds, err := collect(ctx, p.db.Write, beginRound, Args{"lease": store.RoundLease}, func(row Row) (r store.Round, err error) {
		return r, row.Scan(&r.Number, asTime(&r.At), asText(&r.Memory))
	})
	if err != nil || len(rounds) == 0 {
		return store.Round{}, false, p.explain(err, "begin a round")
	}
	r = rounds[0]
	r.Alerts, err = p.alerts(ctx, untoldAlerts, nil)
	return r, err == nil, err
}

var (
	keepMemory = statement("keep a round", `UPDATE watch SET memory = @memory WHERE round = @round`)
	keepAlerts = statement("keep alerts", `
		INSERT INTO alerts (id, rule, subject, summary, since, ended_at, start_sent_at, end_sent_at, send_error)
		SELECT id, rule, subject, summary, {time since}, {time ended}, {time start_sent}, {time end_sent}, send_error
		  FROM {records @alerts AS a (id uuid, rule text, subject text, summary text, since bigint, ended bigint, start_sent bigint, end_sent bigint, send_error text)}
		 WHERE true
		    ON CONFLICT (id) DO UPDATE SET summary = excluded.summary, ended_at = excluded.ended_at,
		       start_sent_at = excluded.start_sent_at, end_sent_at = excluded.end_sent_at, send_error = excluded.send_error`)
)

// alertRow is a store.Alert as keepAlerts reads it; its times are microseconds.
type alertRow struct {
	ID        uuid.UUID `json:"id"`
	Rule      string    `json:"rule"`
	Subject   string    `json:"subject"`
	Summary   string    `json:"summary"`
	Since     int64     `json:"since"`
	Ended     int64     `json:"ended,omitempty"`
	StartSent int64     `json:"start_sent,omitempty"`
	EndSent   int64     `json:"end_sent,omitempty"`
	SendError string    `json:"send_error"`
}

// KeepRound writes what came of a round.
func (p *Protocol) KeepRound(ctx context.Context, r store.Round) (ok bool, err error) {
	records := make([]alertRow, len(r.Alerts))
	for i, a := range r.Alerts {
		records[i] = alertRow{
			a.ID, a.Rule, a.Subject, a.Summary,
			microsOf(a.Since), microsOf(a.EndedAt), microsOf(a.StartSentAt), microsOf(a.EndSentAt), a.SendError,
		}
	}
	err = p.db.InTx(ctx, func(ctx context.Context, do Do) error {
		n, err := exec(ctx, do, keepMemory, Args{"round": r.Number, "memory": r.Memory})
		if ok = n == 1; err != nil || !ok {
			return err
		}
		return do(ctx, Step{Statement: keepAlerts, Args: Args{"alerts": list{records}}})
	})
	return ok && err == nil, p.explain(err, "keep a round")
}

var (
	endRound     = statement("end a round", `UPDATE watch SET lease_until = NULL WHERE round = @round`)
	forgetAlerts = statement("forget alerts", `DELETE FROM alerts WHERE ended_at < {now} - {span @life}`)
)

// EndRound lets the next round begin at once.
func (p *Protocol) EndRound(ctx context.Context, number int64) error {
	err := p.db.InTx(ctx, func(ctx context.Context, do Do) error {
		n, err := exec(ctx, do, endRound, Args{"round": number})
		if err != nil || n == 0 {
			return err
		}
		return do(ctx, Step{Statement: forgetAlerts, Args: Args{"life": store.AlertLife}})
	})
	return p.explain(err, "end a round")
}

const alertColumns = `SELECT id, rule, subject, summary, since, ended_at, start_sent_at, end_sent_at, send_error FROM alerts`

var (
	untoldAlerts = statement("read alerts", alertColumns+` WHERE end_sent_at IS NULL ORDER BY since, id`)
	activeAlerts = statement("read alerts", alertColumns+` WHERE ended_at IS NULL ORDER BY since DESC, id DESC`)
	endedAlerts  = statement("read alerts", alertColumns+` WHERE ended_at IS NOT NULL ORDER BY ended_at DESC, id DESC LIMIT @n`)
)

// Alerts lists what is active, and the last n alerts that ended.
func (p *Protocol) Alerts(ctx context.Context, n int) (active, ended []store.Alert, err error) {
	if active, err = p.alerts(ctx, activeAlerts, nil); err != nil {
		return nil, nil, err
	}
	ended, err = p.alerts(ctx, endedAlerts, Args{"n": n})
	return active, ended, err
}

func (p *Protocol) alerts(ctx context.Context, which *Statement, args Args) ([]store.Alert, error) {
	list, err := collect(ctx, p.db.Read, which, args, func(row Row) (a store.Alert, err error) {
		return a, row.Scan(&a.ID, &a.Rule, &a.Subject, &a.Summary,
			asTime(&a.Since), asTime(&a.EndedAt), asTime(&a.StartSentAt), asTime(&a.EndSentAt), &a.SendError)
	})
	return list, p.explain(err, "read alerts")
}

// stuckSince is the time at which a video should have moved: within minutes of
// its render's deadline HeyGen has been asked, and within bound a file or an
// answer has come.
const stuckSince = `CASE
	WHEN slot AND render_deadline IS NOT NULL AND state NOT IN ('queued', 'submitting') THEN render_deadline + {span 300000000}
	WHEN state IN ('submitting', 'downloading') THEN {since} + {span @bound} END`

var stuck = statement("look for stuck videos", `
	SELECT id, {micros {now} - since}, count(*) OVER ()
	  FROM (SELECT id, `+stuckSince+` AS since FROM videos WHERE {active}) AS v
	 WHERE since < {now} ORDER BY since, id LIMIT 3`)

// Stuck finds the videos that do not move.
func (p *Protocol) Stuck(ctx context.Context, bound time.Duration) (found store.Stuck, err error) {
	found.First, err = collect(ctx, p.db.Read, stuck, Args{"bound": bound}, func(row Row) (id uuid.UUID, err error) {
		var since time.Duration
		err = row.Scan(&id, asSpan(&since), &found.Videos)
		found.Oldest = max(found.Oldest, since)
		return id, err
	})
	return found, p.explain(err, "look for stuck videos")
}
