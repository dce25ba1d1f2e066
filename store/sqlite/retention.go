package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/google/uuid"

	"heyq/store"
)

// What retention may remove of a video v. It holds true for ever once it does,
// but for a retry, which is why each statement asks again.
const (
	removable = `v.due_at IS NULL AND (
		   :completed > 0 AND v.state = 'completed' AND v.completed_at <= :now - :completed
		       AND (NOT :copies OR v.heygen_id IS NULL OR v.heygen_deleted_at IS NOT NULL)
		       AND NOT EXISTS (SELECT 1 FROM video_analytics a WHERE a.video_id = v.id AND (a.due_at IS NOT NULL OR a.completed_at IS NOT NULL AND NOT a.counted))
		OR :failed > 0 AND v.state = 'failed' AND v.failed_at <= :now - :failed AND v.failure ->> '$.code' <> 'needs_review'
		OR :cancelled > 0 AND v.state = 'cancelled' AND v.timeline ->> '$[#-1].at' <= :now - :cancelled)
		AND NOT EXISTS (SELECT 1 FROM notifications n WHERE n.video_id = v.id AND n.state = 'pending')`
	strippable = `:files > 0 AND v.state = 'completed' AND v.media_prefix IS NOT NULL AND v.completed_at <= :now - :files`
)

// RemoveVideos removes what r no longer keeps of one page of videos.
func (s *Store) RemoveVideos(ctx context.Context, r store.Retention, after uuid.UUID) (store.Removed, error) {
	args := []any{
		interval("completed", r.Completed), interval("failed", r.Failed), interval("cancelled", r.Cancelled), interval("files", r.Files),
		sql.Named("copies", r.Copies), s.now(),
	}
	type row struct {
		id            uuid.UUID
		remove, strip bool
	}
	page, err := collect(ctx, s.reader, func(sc scanner) (p row, err error) { return p, sc.Scan(&p.id, &p.remove, &p.strip) }, `
		SELECT v.id, `+removable+`, `+strippable+` FROM videos v WHERE v.id > :after ORDER BY v.id LIMIT :page`,
		append(args, sql.Named("after", after), sql.Named("page", store.RetentionPage))...)
	if err != nil {
		return store.Removed{}, explain(err, "look for old videos")
	}
	var removed store.Removed
	if len(page) == store.RetentionPage {
		removed.Next = page[len(page)-1].id
	}
	var remove, strip []uuid.UUID
	for _, p := range page {
		switch {
		case p.remove:
			remove = append(remove, p.id)
		case p.strip:
			strip = append(strip, p.id)
		}
	}
	// RETURNING would give the prefixes as they are afterwards.
	const prefixes = `SELECT coalesce(v.media_prefix, '') FROM videos AS v WHERE `
	const some = `v.id IN (SELECT value FROM json_each(:ids)) AND `
	if removed.Videos, err = s.retire(ctx, prefixes+some+removable, `DELETE FROM videos AS v WHERE `+some+removable, remove, args, &removed); err != nil {
		return removed, explain(err, "remove old videos")
	}
	removed.Files, err = s.retire(ctx, prefixes+some+strippable,
		`UPDATE videos AS v SET media_prefix = NULL, files_removed_at = :now WHERE `+some+strippable, strip, args, &removed)
	return removed, explain(err, "remove old files")
}

// retire changes some of a page, and adds their prefixes as they were before.
func (s *Store) retire(ctx context.Context, query, change string, ids []uuid.UUID, args []any, to *store.Removed) (int, error) {
	if len(ids) == 0 {
		return 0, nil
	}
	args = append(args, idList(ids))
	var prefixes []string
	err := s.write(ctx, func(tx *sql.Tx) (err error) {
		prefixes, err = collect(ctx, tx, func(row scanner) (prefix string, err error) { return prefix, row.Scan(&prefix) }, query, args...)
		if err == nil {
			_, err = tx.ExecContext(ctx, change, args...)
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, prefix := range prefixes {
		if prefix != "" {
			to.Prefixes = append(to.Prefixes, prefix)
		}
	}
	return len(prefixes), nil
}

// HeyGenCopies returns what is old enough, of one page of videos.
func (s *Store) HeyGenCopies(ctx context.Context, age time.Duration, after uuid.UUID) ([]store.HeyGenCopy, uuid.UUID, error) {
	type row struct {
		store.HeyGenCopy
		old bool
	}
	page, err := collect(ctx, s.reader, func(sc scanner) (r row, err error) { return r, sc.Scan(&r.Video, &r.HeyGenID, &r.old) }, `
		SELECT id, coalesce(heygen_id, ''), state = 'completed' AND file IS NOT NULL AND heygen_id IS NOT NULL
		           AND heygen_deleted_at IS NULL AND completed_at <= :now - :age
		  FROM videos WHERE id > :after ORDER BY id LIMIT :page`,
		s.now(), interval("age", age), sql.Named("after", after), sql.Named("page", store.RetentionPage))
	if err != nil {
		return nil, uuid.Nil, explain(err, "look for HeyGen's copies")
	}
	var list []store.HeyGenCopy
	for _, r := range page {
		if r.old {
			list = append(list, r.HeyGenCopy)
		}
	}
	if len(page) < store.RetentionPage {
		return list, uuid.Nil, nil
	}
	return list, page[len(page)-1].Video, nil
}

// HeyGenDeleted says that HeyGen has no copy of a video any more.
func (s *Store) HeyGenDeleted(ctx context.Context, video uuid.UUID) error {
	_, err := s.exec(ctx, `UPDATE videos SET heygen_deleted_at = :now WHERE id = :id AND state = 'completed' AND heygen_deleted_at IS NULL`,
		sql.Named("id", video))
	return explain(err, "note what HeyGen deleted")
}

// ForgetNotifications drops some of those that ended longer than age ago.
func (s *Store) ForgetNotifications(ctx context.Context, age time.Duration) (int, error) {
	n, err := s.exec(ctx, `
		DELETE FROM notifications WHERE id IN (
		       SELECT id FROM notifications WHERE ended_at < :now - :age ORDER BY ended_at LIMIT :batch)`,
		interval("age", age), sql.Named("batch", store.RetentionBatch))
	return n, explain(err, "forget notifications")
}

// ForgetActions drops some of those that were done longer than age ago.
func (s *Store) ForgetActions(ctx context.Context, age time.Duration) (int, error) {
	n, err := s.exec(ctx, `
		DELETE FROM job_actions WHERE id IN (SELECT id FROM job_actions WHERE at < :now - :age ORDER BY at LIMIT :batch)`,
		interval("age", age), sql.Named("batch", store.RetentionBatch))
	return n, explain(err, "forget actions")
}
