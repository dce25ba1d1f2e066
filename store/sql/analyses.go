package sql

import (
	"context"
	"time"

	"github.com/google/uuid"

	"heyq/store"
)

var claimAnalyses = statement("claim analyses", `
	UPDATE video_analytics
	   SET claim = claim + 1, due_at = {now} + {span @redispatch}
	 WHERE video_id {pick}SELECT video_id FROM video_analytics WHERE due_at <= {now} ORDER BY due_at LIMIT @n {lock SKIP LOCKED}{picked}
	RETURNING video_id, claim`)

// ClaimAnalyses takes up to n completed videos that are not yet measured.
func (p *Protocol) ClaimAnalyses(ctx context.Context, n int) ([]store.Claim, error) {
	claims, err := collect(ctx, p.db.Write, claimAnalyses, Args{"n": n, "redispatch": p.timing.Redispatch}, scanClaim)
	return claims, p.explain(err, "claim analyses")
}

var saveAnalyses = statement("save analyses", `
	INSERT INTO video_analytics (video_id, due_at, user_id, template, queue_time, submit_time, render_time, download_time,
	       bytes, duration, width, height, video_codec, audio_codec, bit_rate, price, completed_at)
	SELECT video_id, NULL, user_id, template, {length queue_time}, {length submit_time}, {length render_time}, {length download_time},
	       bytes, {length duration}, width, height, coalesce(video_codec, ''), coalesce(audio_codec, ''), coalesce(bit_rate, 0), price, {time completed}
	  FROM {records @analyses AS a (video_id uuid, user_id text, template text, queue_time bigint, submit_time bigint,
	       render_time bigint, download_time bigint, bytes bigint, duration bigint, width integer, height integer,
	       video_codec text, audio_codec text, bit_rate integer, price numeric, completed bigint)}
	 WHERE true
	    ON CONFLICT (video_id) DO UPDATE
	   SET due_at = NULL, failed_at = NULL, attempt = 0, user_id = excluded.user_id, template = excluded.template,
	       queue_time = excluded.queue_time, submit_time = excluded.submit_time,
	       render_time = excluded.render_time, download_time = excluded.download_time,
	       bytes = excluded.bytes, duration = excluded.duration, width = excluded.width, height = excluded.height,
	       video_codec = excluded.video_codec, audio_codec = excluded.audio_codec, bit_rate = excluded.bit_rate,
	       price = excluded.price, completed_at = excluded.completed_at`)

// SaveAnalyses upserts measurements and takes them off the list.
func (p *Protocol) SaveAnalyses(ctx context.Context, analyses []store.Analysis) error {
	if len(analyses) == 0 {
		return nil
	}
	type row struct {
		store.Analysis
		Completed int64 `json:"completed"` // microseconds
	}
	records := make([]row, len(analyses))
	for i, a := range analyses {
		records[i] = row{a, a.CompletedAt.UnixMicro()}
	}
	return p.write(ctx, "save analyses", saveAnalyses, Args{"analyses": list{records}})
}

var failAnalyses = statement("fail analyses", `
	UPDATE video_analytics
	   SET attempt = attempt + 1,
	       due_at = CASE WHEN attempt + 1 < @most THEN {now} + {span @wait} END,
	       failed_at = CASE WHEN attempt + 1 >= @most THEN {now} END
	 WHERE {in video_id @ids}`)

// FailAnalyses makes them due again after wait, and drops those that have
// failed most times.
func (p *Protocol) FailAnalyses(ctx context.Context, videos []uuid.UUID, wait time.Duration, most int) error {
	return p.write(ctx, "postpone analyses", failAnalyses, Args{"ids": videos, "wait": wait, "most": most})
}

// counting takes the analyses that are in no total yet. Each is counted once, also if
// another process rolls up at the same time: its row says so.
func counting(condition string) *Statement {
	return statement("count analyses", `
		UPDATE video_analytics SET counted = true WHERE completed_at IS NOT NULL AND NOT counted`+condition+` RETURNING video_id`)
}

var (
	countAll = counting("")
	countOne = counting(" AND video_id = @id")
	addUp    = statement("add up analyses", `
		INSERT INTO daily_totals AS d (day, user_id, template, videos, duration, bytes, price, render_time)
		SELECT {day completed_at}, user_id, template, count(*), sum(duration), sum(bytes), sum(price), sum(render_time)
		  FROM video_analytics WHERE {in video_id @ids}
		 GROUP BY 1, 2, 3
		 ORDER BY 1, 2, 3
		    ON CONFLICT (day, user_id, template) DO UPDATE
		   SET videos = d.videos + excluded.videos, duration = d.duration + excluded.duration, bytes = d.bytes + excluded.bytes,
		       price = d.price + excluded.price, render_time = d.render_time + excluded.render_time`)
)

// Rollup adds what was measured since the last call to the daily totals.
func (p *Protocol) Rollup(ctx context.Context) (n int, err error) {
	err = p.db.InTx(ctx, func(ctx context.Context, do Do) error {
		n, err = rollup(ctx, do, countAll, nil)
		return err
	})
	return n, p.explain(err, "roll up analyses")
}

// rollup counts analyses, and returns how many totals it wrote.
func rollup(ctx context.Context, do Do, which *Statement, args Args) (int, error) {
	counted, err := collect(ctx, do, which, args, scanID)
	if err != nil || len(counted) == 0 {
		return 0, err
	}
	return exec(ctx, do, addUp, Args{"ids": counted})
}

var dailyTotals = statement("read daily totals", `
	SELECT {either day::text // day}, user_id, template, videos, duration, bytes, CAST(price AS double precision), render_time
	  FROM daily_totals WHERE day >= {either @from::text::date // @from} AND day < {either @to::text::date // @to} ORDER BY day, user_id, template`)

// DailyTotals returns the totals of the days in [from, to), oldest first.
func (p *Protocol) DailyTotals(ctx context.Context, from, to time.Time) ([]store.DailyTotal, error) {
	args := Args{"from": from.UTC().Format(time.DateOnly), "to": to.UTC().Format(time.DateOnly)}
	list, err := collect(ctx, p.db.Read, dailyTotals, args, func(row Row) (d store.DailyTotal, err error) {
		var day string
		if err := row.Scan(&day, &d.UserID, &d.Template, &d.Videos, &d.Duration, &d.Bytes, &d.Price, &d.RenderTime); err != nil {
			return d, err
		}
		d.Day, err = time.Parse(time.DateOnly, day)
		return d, err
	})
	return list, p.explain(err, "read daily totals")
}

var spent = statement("sum up what was spent", `
	SELECT CAST(coalesce((SELECT sum(price) FROM daily_totals), 0)
	          + coalesce((SELECT sum(price) FROM video_analytics WHERE completed_at IS NOT NULL AND NOT counted), 0) AS double precision)`)

// Spent is the price of every video that was measured: of those in the daily
// totals, whether or not they still exist, and of those that are in none yet.
func (p *Protocol) Spent(ctx context.Context) (usd float64, err error) {
	sums, err := collect(ctx, p.db.Read, spent, nil, scanOne[float64])
	if err != nil {
		return 0, p.explain(err, "sum up what was spent")
	}
	return sums[0], nil
}

// renderTimes reads ten rows for each that it is to find, at most: many may not be
// measured yet.
var renderTimes = statement("read render times", `
	SELECT render_time FROM (SELECT video_id, render_time FROM video_analytics ORDER BY video_id DESC LIMIT CAST(@n AS bigint) * 10) AS newest
	 WHERE render_time > {either interval '0' // 0} ORDER BY video_id DESC LIMIT @n`)

// RenderTimes says how long the newest renders took.
func (p *Protocol) RenderTimes(ctx context.Context, n int) ([]time.Duration, error) {
	list, err := collect(ctx, p.db.Read, renderTimes, Args{"n": n}, scanOne[time.Duration])
	return list, p.explain(err, "read render times")
}
