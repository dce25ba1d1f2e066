package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"

	"heyq/store"
)

// Hint says that HeyGen may have news of videos. A runner that is at work is
// not fenced away: it sees the flag when it ends. The ids are found apart: an OR
// of the two would read the whole table, with the only writer waiting.
func (s *Store) Hint(ctx context.Context, hints []store.Hint) (int, error) {
	encoded, err := json.Marshal(hints)
	if err != nil {
		return 0, explain(err, "note hints")
	}
	n, err := s.exec(ctx, `
		UPDATE videos
		   SET hinted = 1,
		       due_at = CASE WHEN lease_until > :now OR state = 'submitting' THEN due_at ELSE :now END
		 WHERE id IN (SELECT id FROM videos WHERE `+open+` AND heygen_id IN (SELECT value ->> 'HeyGenID' FROM json_each(:hints))
		              UNION ALL SELECT value ->> 'Video' FROM json_each(:hints))
		   AND (state IN ('submitting', 'rendering') OR (due_at IS NOT NULL AND state IN ('failed', 'cancelled')))`,
		sql.Named("hints", string(encoded)))
	return n, explain(err, "note hints")
}

// SyncRedis compares the epoch of the Redis found with the one remembered. The
// rows and the value change in one transaction: whichever of the two a crash
// kept alone, a wiped Redis would go unnoticed.
func (s *Store) SyncRedis(ctx context.Context, epoch string, moved bool) (lost bool, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE meta SET value = :epoch WHERE key = 'redis_epoch' AND (value <> :epoch OR :moved)`,
			sql.Named("epoch", epoch), sql.Named("moved", moved))
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if lost = n > 0; err != nil || !lost {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE videos SET due_at = :now
			 WHERE due_at IS NOT NULL AND claim > run AND (lease_until IS NULL OR lease_until <= :now) AND `+open, s.now())
		if err != nil {
			return err
		}
		if _, err = tx.ExecContext(ctx, `UPDATE video_analytics SET due_at = :now WHERE due_at > :now`, s.now()); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE notifications SET due_at = :now WHERE due_at > :now AND claim > run`, s.now())
		return err
	})
	return lost, explain(err, "compare the epoch of Redis")
}
