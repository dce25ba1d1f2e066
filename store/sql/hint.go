package sql

import (
	"context"

	"github.com/google/uuid"

	"heyq/store"
)

// hint finds the ids apart: an OR of the two would read the whole table. HeyGen's
// delivery of a webhook waits for this statement, and not for the disk: a crash of
// Postgres may lose a hint.
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
