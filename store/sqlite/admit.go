package sqlite

import (
	"context"
	"database/sql"

	"heyq/store"
)

// gateOpen is true while queued videos may be let through.
const gateOpen = `EXISTS (SELECT 1 FROM admission WHERE state = 'open' OR (state = 'paused' AND until <= :now))`

// Admit gives free render slots to queued videos. There is one writer, so the
// count cannot change under it.
func (s *Store) Admit(ctx context.Context, slots int) ([]store.Claim, error) {
	claims, err := change(ctx, s, scanTraced, `
		UPDATE videos
		   SET slot = 1, claim = claim + 1, due_at = :now + :redispatch
		 WHERE id IN (`+admissible+`)
		RETURNING id, claim, coalesce(traceparent, '')`, interval("redispatch", s.timing.Redispatch), sql.Named("slots", slots))
	return claims, explain(err, "admit videos")
}

// admissible are those that get the slots which are free.
const admissible = `
	SELECT id FROM videos
	 WHERE ` + waiting + ` AND not_before <= :now AND due_at <= :now AND ` + gateOpen + `
	 ORDER BY priority DESC, id
	 LIMIT max(0, :slots - (SELECT count(*) FROM videos WHERE slot AND ` + open + `))`

func scanTraced(row scanner) (c store.Claim, err error) {
	return c, row.Scan(&c.Video, &c.Claim, &c.Trace)
}

func scanClaim(row scanner) (c store.Claim, err error) {
	return c, row.Scan(&c.Video, &c.Claim)
}
