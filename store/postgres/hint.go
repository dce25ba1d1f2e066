package postgres

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"heyq/store"
)

// Hint says that HeyGen may have news of videos. A runner that is at work is
// not fenced away: it sees the flag when it ends. Whoever delivers a webhook
// waits for this, and not for the disk: a crash of the database may lose a hint.
func (s *Store) Hint(ctx context.Context, hints []store.Hint) (int, error) {
	videos, heygenIDs := make([]uuid.UUID, len(hints)), make([]string, len(hints))
	for i, h := range hints {
		videos[i], heygenIDs[i] = h.Video, h.HeyGenID
	}
	n, err := s.exec(ctx, `
		UPDATE videos
		   SET hinted = true,
		       due_at = CASE WHEN lease_until > now() OR state = 'submitting' THEN due_at ELSE now() END
		 WHERE id = ANY ($1::uuid[] || ARRAY(SELECT id FROM videos WHERE active AND heygen_id = ANY ($2::text[])))
		   AND (state IN ('submitting', 'rendering') OR (due_at IS NOT NULL AND state IN ('failed', 'cancelled')))
		   AND (SELECT set_config('synchronous_commit', 'off', true)) = 'off'`, videos, heygenIDs)
	return n, explain(err, "note hints")
}

// SyncRedis compares the epoch of the Redis found with the one remembered. The
// rows and the value change in one transaction: whichever of the two a crash
// kept alone, a wiped Redis would go unnoticed.
func (s *Store) SyncRedis(ctx context.Context, epoch string, moved bool) (lost bool, err error) {
	err = s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE meta SET value = $1 WHERE key = 'redis_epoch' AND (value <> $1 OR $2)`, epoch, moved)
		if lost = tag.RowsAffected() > 0; err != nil || !lost {
			return err
		}
		_, err = tx.Exec(ctx, `
			UPDATE videos SET due_at = now()
			 WHERE due_at IS NOT NULL AND claim > run AND (lease_until IS NULL OR lease_until <= now())
			   AND active`)
		if err != nil {
			return err
		}
		if _, err = tx.Exec(ctx, `UPDATE video_analytics SET due_at = now() WHERE due_at > now()`); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE notifications SET due_at = now() WHERE due_at > now() AND claim > run`)
		return err
	})
	return lost, explain(err, "compare the epoch of Redis")
}
