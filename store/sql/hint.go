package sql

import (
	"context"

	"github.com/google/uuid"

	"heyq/store"
)

// hint finds the ids apart: an OR of the two would read the whole table. Whoever
// delivers a webhook waits for this, and not for the disk: a crash of Postgres may
// lose a hint.
var hint = statement("hint", `
	UPDATE videos
	   SET hinted = true,
	       due_at = CASE WHEN lease_until > {now} OR state = 'submitting' THEN due_at ELSE {now} END
	 WHERE id {either = ANY (@ids::uuid[] || ARRAY(SELECT id FROM videos WHERE active AND {in heygen_id @heygen})) // IN (
	                   SELECT id FROM videos WHERE {active} AND {in heygen_id @heygen} UNION ALL SELECT value FROM json_each(@ids))}
	   AND (state IN ('submitting', 'rendering') OR (due_at IS NOT NULL AND state IN ('failed', 'cancelled')))
	   {pg AND (SELECT set_config('synchronous_commit', 'off', true)) = 'off'}`)

// Hint says that HeyGen may have news of videos. A runner that is at work is
// not fenced away: it sees the flag when it ends.
func (p *Protocol) Hint(ctx context.Context, hints []store.Hint) (int, error) {
	videos, heygenIDs := make([]uuid.UUID, len(hints)), make([]string, len(hints))
	for i, h := range hints {
		videos[i], heygenIDs[i] = h.Video, h.HeyGenID
	}
	n, err := exec(ctx, p.db.Write, hint, Args{"ids": videos, "heygen": heygenIDs})
	return n, p.explain(err, "note hints")
}

var (
	noteEpoch  = statement("note the epoch", `UPDATE meta SET value = @epoch WHERE key = 'redis_epoch' AND (value <> @epoch OR @moved)`)
	sendVideos = statement("send videos again", `
		UPDATE videos SET due_at = {now}
		 WHERE due_at IS NOT NULL AND claim > run AND (lease_until IS NULL OR lease_until <= {now}) AND {active}`)
	sendAnalyses      = statement("send analyses again", `UPDATE video_analytics SET due_at = {now} WHERE due_at > {now}`)
	sendNotifications = statement("send notifications again", `UPDATE notifications SET due_at = {now} WHERE due_at > {now} AND claim > run`)
)

// SyncRedis compares the epoch of the Redis found with the one remembered. The
// rows and the value change in one transaction: whichever of the two a crash
// kept alone, a wiped Redis would go unnoticed.
func (p *Protocol) SyncRedis(ctx context.Context, epoch string, moved bool) (lost bool, err error) {
	err = p.db.InTx(ctx, func(ctx context.Context, do Do) error {
		n, err := exec(ctx, do, noteEpoch, Args{"epoch": epoch, "moved": moved})
		if lost = n > 0; err != nil || !lost {
			return err
		}
		return do(ctx, Step{Statement: sendVideos}, Step{Statement: sendAnalyses}, Step{Statement: sendNotifications})
	})
	return lost, p.explain(err, "compare the epoch of Redis")
}

var recoverVideos = statement("recover videos", `
	UPDATE videos
	   SET run = claim + 1, claim = claim + 1, due_at = {now},
	       lapses = CASE WHEN lease_until IS NULL THEN lapses ELSE lapses + 1 END, lease_until = NULL
	 WHERE due_at IS NOT NULL AND (claim > run OR lease_until IS NOT NULL) AND {active}`)

// Recovery is for a process that is alone and starts: whatever was dispatched or
// running is not any more. A lease that is still set has lapsed: if one row kills
// the only process each time, nothing else would count that.
func Recovery() []Step {
	return []Step{{Statement: recoverVideos}, {Statement: sendAnalyses}, {Statement: sendNotifications}}
}
