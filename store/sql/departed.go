package sql

import (
	"context"

	"github.com/google/uuid"

	"heyq/store"
)

// departed is true of a video v that may be removed since its user was deleted. What it
// cost is in the totals by then.
const departed = `v.user_id = '` + store.DepartedUser + `' AND v.due_at IS NULL
	AND NOT EXISTS (SELECT 1 FROM video_analytics a WHERE a.video_id = v.id AND (a.due_at IS NOT NULL OR a.completed_at IS NOT NULL AND NOT a.counted))`

var (
	departedPage = statement("look for videos that are left", `
		SELECT v.id, v.state IN ('queued', 'submitting', 'rendering', 'downloading') AND NOT v.cancel_requested, `+departed+`
		  FROM videos v WHERE v.user_id = '`+store.DepartedUser+`' AND v.id > @after ORDER BY v.id LIMIT @page`)
	lockDeparted = oldOf(departed)
)

// remover is who cancels what is left.
var remover = store.Actor{Who: "videos:remove"}

// RemoveDeparted removes videos whose user was deleted with them.
func (p *Protocol) RemoveDeparted(ctx context.Context, after uuid.UUID) (removed store.Removed, err error) {
	type row struct {
		id           uuid.UUID
		open, remove bool
	}
	page, err := collect(ctx, p.db.Read, departedPage, Args{"after": after, "page": store.RetentionPage},
		func(r Row) (v row, err error) { return v, r.Scan(&v.id, &v.open, &v.remove) })
	if err != nil {
		return removed, p.explain(err, "look for videos that are left")
	}
	if len(page) == store.RetentionPage {
		removed.Next = page[len(page)-1].id
	}
	var open, gone []uuid.UUID
	for _, v := range page {
		switch {
		case v.open:
			open = append(open, v.id)
		case v.remove:
			gone = append(gone, v.id)
		}
	}
	if len(open) > 0 {
		if _, err := p.CancelAll(ctx, open, remover); err != nil {
			return removed, err
		}
	}
	removed.Videos, err = p.retire(ctx, lockDeparted, remove, gone, Args{}, &removed)
	return removed, p.explain(err, "remove videos that are left")
}
