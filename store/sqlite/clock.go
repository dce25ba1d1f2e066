package sqlite

import (
	"context"
	"database/sql"
	"time"
)

// longestWait is more than any step waits before it is tried again. What is due later
// was written under a clock that was ahead.
const longestWait = 15 * time.Minute

// setBack takes back what a clock that was ahead has written, for the time is this
// machine's and a start under the right clock must not wait until it has caught up.
// What should lie in the past is now. When a send was is not known any more, so
// that its key counts as expired: it is looked for, and never sent again.
func (s *Store) setBack(ctx context.Context, tx *sql.Tx, now time.Time) error {
	for _, statement := range []string{
		`UPDATE admission SET until = :now WHERE until > :now AND (
		     EXISTS (SELECT 1 FROM scheduled_runs WHERE started_at > :now) OR EXISTS (SELECT 1 FROM videos WHERE created_at > :now))`,
		`UPDATE admission SET closed_at = min(closed_at, :now), probe_at = min(probe_at, :now)`,
		`UPDATE scheduled_runs SET started_at = min(started_at, :now), finished_at = min(finished_at, :now), succeeded_at = min(succeeded_at, :now)`,
		`UPDATE watch SET lease_until = NULL`,
		`UPDATE notifications SET due_at = :now WHERE due_at > :now + :day`,
		`UPDATE videos
		    SET submitted_at    = CASE WHEN submitted_at > :now THEN :now - :key ELSE submitted_at END,
		        sent_at         = min(sent_at, :now),
		        accepted_at     = min(accepted_at, :now),
		        looking_since   = min(looking_since, :now),
		        doubted_since   = min(doubted_since, :now),
		        render_deadline = min(render_deadline, :now + :render),
		        not_before      = CASE WHEN created_at > :now AND not_before <= created_at THEN :now ELSE not_before END,
		        created_at      = min(created_at, :now),
		        due_at = CASE WHEN state <> 'queued' THEN min(due_at, CASE WHEN due_at > :now + :longest THEN :now ELSE due_at END)
		                      WHEN created_at > :now AND not_before <= created_at THEN :now
		                      ELSE min(due_at, max(not_before, :now)) END
		  WHERE due_at IS NOT NULL
		    AND (due_at > :now + :longest OR created_at > :now OR submitted_at > :now OR sent_at > :now OR accepted_at > :now)`,
	} {
		_, err := tx.ExecContext(ctx, statement, sql.Named("now", micros(now)), interval("day", 24*time.Hour), interval("key", s.timing.KeyLifetime),
			interval("render", s.timing.RenderTimeout), interval("longest", longestWait))
		if err != nil {
			return err
		}
	}
	return nil
}
