package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"heyq/store"
)

// What retention may remove of a video v. It holds true for ever once it does,
// but for a retry, which is why each statement asks again.
const (
	removable = `v.due_at IS NULL AND (
		   @completed > 0 AND v.state = 'completed' AND v.completed_at <= now() - @completed * interval '1 s'
		       AND (NOT @copies OR v.heygen_id IS NULL OR v.heygen_deleted_at IS NOT NULL)
		       AND NOT EXISTS (SELECT FROM video_analytics a WHERE a.video_id = v.id AND (a.due_at IS NOT NULL OR a.completed_at IS NOT NULL AND NOT a.counted))
		OR @failed > 0 AND v.state = 'failed' AND v.failed_at <= now() - @failed * interval '1 s' AND v.failure ->> 'code' <> 'needs_review'
		OR @cancelled > 0 AND v.state = 'cancelled' AND moment(v.timeline -> -1 ->> 'at') <= now() - @cancelled * interval '1 s')
		AND NOT EXISTS (SELECT FROM notifications n WHERE n.video_id = v.id AND n.state = 'pending')`
	strippable = `@files > 0 AND v.state = 'completed' AND v.media_prefix IS NOT NULL AND v.completed_at <= now() - @files * interval '1 s'`
)

// RemoveVideos removes what r no longer keeps of one page of videos.
func (s *Store) RemoveVideos(ctx context.Context, r store.Retention, after uuid.UUID) (store.Removed, error) {
	args := pgx.NamedArgs{
		"completed": seconds(r.Completed), "failed": seconds(r.Failed), "cancelled": seconds(r.Cancelled), "files": seconds(r.Files),
		"copies": r.Copies, "after": after, "page": store.RetentionPage,
	}
	type row struct {
		ID            uuid.UUID
		Remove, Strip bool
	}
	page, err := collect(ctx, s, pgx.RowToStructByPos[row], `
		SELECT v.id, `+removable+`, `+strippable+` FROM videos v WHERE v.id > @after ORDER BY v.id LIMIT @page`, args)
	if err != nil {
		return store.Removed{}, explain(err, "look for old videos")
	}
	var removed store.Removed
	if len(page) == store.RetentionPage {
		removed.Next = page[len(page)-1].ID
	}
	var remove, strip []uuid.UUID
	for _, p := range page {
		switch {
		case p.Remove:
			remove = append(remove, p.ID)
		case p.Strip:
			strip = append(strip, p.ID)
		}
	}
	if removed.Videos, err = s.retire(ctx, `
		DELETE FROM videos v WHERE v.id = ANY (ARRAY(
		       SELECT v.id FROM videos v WHERE v.id = ANY (@ids) AND `+removable+` ORDER BY v.id FOR UPDATE SKIP LOCKED))
		RETURNING coalesce(v.media_prefix, '')`, remove, args, &removed); err != nil {
		return removed, explain(err, "remove old videos")
	}
	removed.Files, err = s.retire(ctx, `
		UPDATE videos v SET media_prefix = NULL, files_removed_at = now()
		  FROM (SELECT v.id, v.media_prefix FROM videos v WHERE v.id = ANY (@ids) AND `+strippable+` ORDER BY v.id FOR UPDATE SKIP LOCKED) AS was
		 WHERE v.id = was.id
		RETURNING was.media_prefix`, strip, args, &removed)
	return removed, explain(err, "remove old files")
}

// retire runs a statement for some of a page. It adds the prefixes that it
// returns, and counts the rows.
func (s *Store) retire(ctx context.Context, statement string, ids []uuid.UUID, args pgx.NamedArgs, to *store.Removed) (int, error) {
	if len(ids) == 0 {
		return 0, nil
	}
	args["ids"] = ids
	prefixes, err := collect(ctx, s, pgx.RowTo[string], statement, args)
	for _, prefix := range prefixes {
		if prefix != "" {
			to.Prefixes = append(to.Prefixes, prefix)
		}
	}
	return len(prefixes), err
}

// HeyGenCopies returns what is old enough, of one page of videos.
func (s *Store) HeyGenCopies(ctx context.Context, age time.Duration, after uuid.UUID) ([]store.HeyGenCopy, uuid.UUID, error) {
	type row struct {
		store.HeyGenCopy
		Old bool
	}
	page, err := collect(ctx, s, func(cr pgx.CollectableRow) (r row, err error) {
		return r, cr.Scan(&r.Video, &r.HeyGenID, &r.Old)
	}, `
		SELECT id, coalesce(heygen_id, ''), state = 'completed' AND file IS NOT NULL AND heygen_id IS NOT NULL
		           AND heygen_deleted_at IS NULL AND completed_at <= now() - $1 * interval '1 s'
		  FROM videos WHERE id > $2 ORDER BY id LIMIT $3`, seconds(age), after, store.RetentionPage)
	if err != nil {
		return nil, uuid.Nil, explain(err, "look for HeyGen's copies")
	}
	var list []store.HeyGenCopy
	for _, r := range page {
		if r.Old {
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
	_, err := s.exec(ctx, `UPDATE videos SET heygen_deleted_at = now() WHERE id = $1 AND state = 'completed' AND heygen_deleted_at IS NULL`, video)
	return explain(err, "note what HeyGen deleted")
}

// ForgetNotifications drops some of those that ended longer than age ago.
func (s *Store) ForgetNotifications(ctx context.Context, age time.Duration) (int, error) {
	n, err := s.exec(ctx, `
		DELETE FROM notifications WHERE id = ANY (ARRAY(
		       SELECT id FROM notifications WHERE ended_at < now() - $1 * interval '1 s' ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED))`,
		seconds(age), store.RetentionBatch)
	return n, explain(err, "forget notifications")
}

// ForgetActions drops some of those that were done longer than age ago.
func (s *Store) ForgetActions(ctx context.Context, age time.Duration) (int, error) {
	n, err := s.exec(ctx, `
		DELETE FROM job_actions WHERE id = ANY (ARRAY(
		       SELECT id FROM job_actions WHERE at < now() - $1 * interval '1 s' ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED))`,
		seconds(age), store.RetentionBatch)
	return n, explain(err, "forget actions")
}
