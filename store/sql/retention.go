package sql

import (
	"context"
	"time"

	"github.com/google/uuid"

	"heyq/store"
)

// What retention may remove of a video v. It holds true for ever once it does,
// but for a retry, which is why each statement asks again.
const (
	removable = `v.due_at IS NULL AND (
		   CAST(@completed AS bigint) > 0 AND v.state = 'completed' AND v.completed_at <= {now} - {span @completed}
		       AND (NOT @copies OR v.heygen_id IS NULL OR v.heygen_deleted_at IS NOT NULL)
		       AND NOT EXISTS (SELECT 1 FROM video_analytics a WHERE a.video_id = v.id AND (a.due_at IS NOT NULL OR a.completed_at IS NOT NULL AND NOT a.counted))
		OR CAST(@failed AS bigint) > 0 AND v.state = 'failed' AND v.failed_at <= {now} - {span @failed} AND {get v.failure code} <> 'needs_review'
		OR CAST(@cancelled AS bigint) > 0 AND v.state = 'cancelled' AND {since} <= {now} - {span @cancelled})
		AND NOT EXISTS (SELECT 1 FROM notifications n WHERE n.video_id = v.id AND n.state = 'pending')`
	strippable = `CAST(@files AS bigint) > 0 AND v.state = 'completed' AND v.media_prefix IS NOT NULL AND v.completed_at <= {now} - {span @files}`
)

// oldOf locks those of a page of which a condition is still true.
func oldOf(condition string) *Statement {
	return statement("lock old videos", `
		SELECT v.id, coalesce(v.media_prefix, '') FROM videos v WHERE {in v.id @ids} AND `+condition+` ORDER BY v.id {lock SKIP LOCKED}`)
}

var (
	oldPage      = statement("look for old videos", `SELECT v.id, `+removable+`, `+strippable+` FROM videos v WHERE v.id > @after ORDER BY v.id LIMIT @page`)
	lockRemoved  = oldOf(removable)
	lockStripped = oldOf(strippable)
	remove       = statement("remove videos", `DELETE FROM videos WHERE {in id @ids}`)
	strip        = statement("remove files", `UPDATE videos SET media_prefix = NULL, files_removed_at = {now} WHERE {in id @ids}`)
)

// RemoveVideos removes what r no longer keeps of one page of videos.
func (p *Protocol) RemoveVideos(ctx context.Context, r store.Retention, after uuid.UUID) (removed store.Removed, err error) {
	args := Args{
		"completed": r.Completed, "failed": r.Failed, "cancelled": r.Cancelled, "files": r.Files,
		"copies": r.Copies, "after": after, "page": store.RetentionPage,
	}
	type row struct {
		id            uuid.UUID
		remove, strip bool
	}
	page, err := collect(ctx, p.db.Read, oldPage, args, func(r Row) (p row, err error) { return p, r.Scan(&p.id, &p.remove, &p.strip) })
	if err != nil {
		return removed, p.explain(err, "look for old videos")
	}
	if len(page) == store.RetentionPage {
		removed.Next = page[len(page)-1].id
	}
	var toRemove, toStrip []uuid.UUID
	for _, p := range page {
		switch {
		case p.remove:
			toRemove = append(toRemove, p.id)
		case p.strip:
			toStrip = append(toStrip, p.id)
		}
	}
	if removed.Videos, err = p.retire(ctx, lockRemoved, remove, toRemove, args, &removed); err != nil {
		return removed, p.explain(err, "remove old videos")
	}
	removed.Files, err = p.retire(ctx, lockStripped, strip, toStrip, args, &removed)
	return removed, p.explain(err, "remove old files")
}

// retire locks those of the videos in ids that the statement which still finds, and
// changes them by the statement how. It returns how many they are; to.Prefixes gets
// the media prefixes that they had before.
func (p *Protocol) retire(ctx context.Context, which, how *Statement, ids []uuid.UUID, args Args, to *store.Removed) (int, error) {
	if len(ids) == 0 {
		return 0, nil
	}
	args["ids"] = ids
	var prefixes []string
	var old []uuid.UUID
	err := p.db.InTx(ctx, func(ctx context.Context, do Do) error {
		prefixes = nil
		found, err := collect(ctx, do, which, args, func(row Row) (id uuid.UUID, err error) {
			var prefix string
			err = row.Scan(&id, &prefix)
			prefixes = append(prefixes, prefix)
			return id, err
		})
		if old = found; err != nil || len(old) == 0 {
			return err
		}
		return do(ctx, Step{Statement: how, Args: Args{"ids": old}})
	})
	if err != nil {
		return 0, err
	}
	for _, prefix := range prefixes {
		if prefix != "" {
			to.Prefixes = append(to.Prefixes, prefix)
		}
	}
	return len(old), nil
}

var copiesPage = statement("look for HeyGen's copies", `
	SELECT id, coalesce(heygen_id, ''), state = 'completed' AND file IS NOT NULL AND heygen_id IS NOT NULL
	           AND heygen_deleted_at IS NULL AND completed_at <= {now} - {span @age}
	  FROM videos WHERE id > @after ORDER BY id LIMIT @page`)

// HeyGenCopies returns what is old enough, of one page of videos.
func (p *Protocol) HeyGenCopies(ctx context.Context, age time.Duration, after uuid.UUID) (list []store.HeyGenCopy, next uuid.UUID, err error) {
	type row struct {
		store.HeyGenCopy
		old bool
	}
	args := Args{"age": age, "after": after, "page": store.RetentionPage}
	page, err := collect(ctx, p.db.Read, copiesPage, args, func(r Row) (c row, err error) { return c, r.Scan(&c.Video, &c.HeyGenID, &c.old) })
	if err != nil {
		return nil, uuid.Nil, p.explain(err, "look for HeyGen's copies")
	}
	for _, r := range page {
		if r.old {
			list = append(list, r.HeyGenCopy)
		}
	}
	if len(page) == store.RetentionPage {
		next = page[len(page)-1].Video
	}
	return list, next, nil
}

var (
	noteDeleted = statement("note what HeyGen deleted", `
		UPDATE videos SET heygen_deleted_at = {now} WHERE id = @id AND state = 'completed' AND heygen_deleted_at IS NULL`)
	forgetNotifications = statement("forget notifications", `
		DELETE FROM notifications WHERE id {pick}
		       SELECT id FROM notifications WHERE ended_at < {now} - {span @age} ORDER BY ended_at LIMIT @batch {lock SKIP LOCKED}{picked}`)
	forgetActions = statement("forget actions", `
		DELETE FROM job_actions WHERE id {pick}
		       SELECT id FROM job_actions WHERE at < {now} - {span @age} ORDER BY at LIMIT @batch {lock SKIP LOCKED}{picked}`)
)

// HeyGenDeleted says that HeyGen has no copy of a video any more.
func (p *Protocol) HeyGenDeleted(ctx context.Context, video uuid.UUID) error {
	return p.write(ctx, "note what HeyGen deleted", noteDeleted, Args{"id": video})
}

// ForgetNotifications drops some of those that ended longer than age ago.
func (p *Protocol) ForgetNotifications(ctx context.Context, age time.Duration) (int, error) {
	n, err := exec(ctx, p.db.Write, forgetNotifications, Args{"age": age, "batch": store.RetentionBatch})
	return n, p.explain(err, "forget notifications")
}

// ForgetActions drops some of those that were done longer than age ago.
func (p *Protocol) ForgetActions(ctx context.Context, age time.Duration) (int, error) {
	n, err := exec(ctx, p.db.Write, forgetActions, Args{"age": age, "batch": store.RetentionBatch})
	return n, p.explain(err, "forget actions")
}
