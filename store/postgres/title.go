package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"heyq/store"
)

// SawTitle remembers what was seen last of a place.
func (s *Store) SawTitle(ctx context.Context, place string, seen store.TitleSeen) error {
	_, err := s.exec(ctx, `
		INSERT INTO titles (place, heygen_id, title) VALUES ($1, $2, $3)
		    ON CONFLICT (place) DO UPDATE SET heygen_id = $2, title = $3, seen_at = now()`, place, seen.HeyGenID, seen.Title)
	return explain(err, "remember a title")
}

// TitleSeen returns what was seen last of a place.
func (s *Store) TitleSeen(ctx context.Context, place string, age time.Duration) (store.TitleSeen, bool, error) {
	list, err := collect(ctx, s, pgx.RowToStructByPos[store.TitleSeen], `
		SELECT heygen_id, title FROM titles
		 WHERE place = $1 AND heygen_id <> '' AND seen_at > now() - $2 * interval '1 s'`, place, seconds(age))
	if err != nil || len(list) == 0 {
		return store.TitleSeen{}, false, explain(err, "read which title was seen")
	}
	return list[0], true, nil
}
