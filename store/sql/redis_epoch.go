package sql

import "context"

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
