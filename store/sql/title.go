package sql

import (
	"context"
	"time"

	"heyq/store"
)

var (
	keepTitle = statement("remember a title", `
		INSERT INTO titles (place, heygen_id, title, seen_at) VALUES (@place, @id, @title, {now})
		    ON CONFLICT (place) DO UPDATE SET heygen_id = excluded.heygen_id, title = excluded.title, seen_at = excluded.seen_at`)
	readTitle = statement("read a title", `
		SELECT heygen_id, title FROM titles WHERE place = @place AND heygen_id <> '' AND seen_at > {now} - {span @age}`)
)

// SawTitle remembers what was seen last of a title at a place: see
// store.Titles.
func (p *Protocol) SawTitle(ctx context.Context, place string, seen store.TitleSeen) error {
	return p.write(ctx, "remember a title", keepTitle, Args{"place": place, "id": seen.HeyGenID, "title": seen.Title})
}

// TitleSeen returns what was seen last of a place.
func (p *Protocol) TitleSeen(ctx context.Context, place string, age time.Duration) (store.TitleSeen, bool, error) {
	list, err := collect(ctx, p.db.Read, readTitle, Args{"place": place, "age": age}, func(row Row) (t store.TitleSeen, err error) {
		return t, row.Scan(&t.HeyGenID, &t.Title)
	})
	if err != nil || len(list) == 0 {
		return store.TitleSeen{}, false, p.explain(err, "read which title was seen")
	}
	return list[0], true, nil
}
