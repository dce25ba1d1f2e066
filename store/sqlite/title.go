package sqlite

import (
	"context"
	"database/sql"
	"time"

	"heyq/store"
)

// SawTitle remembers what was seen last of a place.
func (s *Store) SawTitle(ctx context.Context, place string, seen store.TitleSeen) error {
	_, err := s.exec(ctx, `
		INSERT INTO titles (place, heygen_id, title, seen_at) VALUES (:place, :id, :title, :now)
		    ON CONFLICT (place) DO UPDATE SET heygen_id = :id, title = :title, seen_at = :now`,
		sql.Named("place", place), sql.Named("id", seen.HeyGenID), sql.Named("title", seen.Title))
	return explain(err, "remember a title")
}

// TitleSeen returns what was seen last of a place.
func (s *Store) TitleSeen(ctx context.Context, place string, age time.Duration) (store.TitleSeen, bool, error) {
	list, err := collect(ctx, s.reader, func(row scanner) (t store.TitleSeen, err error) {
		return t, row.Scan(&t.HeyGenID, &t.Title)
	}, `SELECT heygen_id, title FROM titles WHERE place = :place AND heygen_id <> '' AND seen_at > :now - :age`,
		s.now(), sql.Named("place", place), interval("age", age))
	if err != nil || len(list) == 0 {
		return store.TitleSeen{}, false, explain(err, "read which title was seen")
	}
	return list[0], true, nil
}
