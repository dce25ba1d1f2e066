package handlers

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"heyq/media"
)

// The bounds of a sweep.
const (
	// sweepAge spares what may still be at work: a run that is about to publish,
	// or has published and not said so yet.
	sweepAge = 24 * time.Hour
	// sweepFew, or sweepShare of all that is old enough, is the most that one
	// sweep takes. More is no leftover of runs that died: the media store is
	// another heyq's, or the database was set back. A process that dies leaves no
	// more than it downloads at once, 16 by default; a small media store of a
	// database that was set back has hardly more than these.
	sweepFew   = 20
	sweepShare = 0.03
)

// sweepStore moves to the trash what no row points to: prefixes that were
// published by a run that could not say so any more. On S3 it gives up uploads
// that never ended. It touches nothing in a media store that is another
// installation's.
func (h *Handlers) sweepStore(ctx context.Context) (string, error) {
	if err := h.Owns(ctx); err != nil {
		return "", err
	}
	moved, err := h.sweepOrphans(ctx)
	result := tally("moved", moved, "orphaned folder")
	if err == nil {
		err = h.Media.EmptyTrash(ctx, h.Now().Add(-media.TrashLife))
	}
	if err != nil {
		return result, err
	}
	uploads, err := h.Media.AbortUploads(ctx, h.Now().Add(-sweepAge))
	if media.Refuses(err) {
		err = nil // these credentials may not, or the store knows none
	}
	return both(result, tally("gave up", uploads, "upload")), err
}

func (h *Handlers) sweepOrphans(ctx context.Context) (moved int, err error) {
	orphans, all, err := h.orphans(ctx)
	if err != nil {
		return 0, err
	}
	if n := len(orphans); tooMany(n, all) {
		return 0, fmt.Errorf("%d of %d folders in the media store, such as %s, belong to no video of this database, and none was touched: "+
			"it was set back, or the media store is another heyq's; move them away by hand if they are not needed", n, all, orphans[0])
	}
	for _, prefix := range orphans {
		if err := h.Media.Discard(ctx, prefix); err != nil {
			return moved, err
		}
		moved++
	}
	return moved, nil
}

// tooMany reports whether n of all folders are more than runs that died leave.
func tooMany(n, all int) bool { return n > sweepFew && float64(n) > sweepShare*float64(all) }

// orphans lists the prefixes that no row points to, and counts all that are old
// enough.
func (h *Handlers) orphans(ctx context.Context) (list []string, all int, err error) {
	const batch = 500
	old := make([]media.Prefix, 0, batch)
	check := func() error {
		found, err := h.orphansAmong(ctx, old)
		list, all, old = append(list, found...), all+len(old), old[:0]
		return err
	}
	for prefix, err := range h.Media.Prefixes(ctx) {
		if err != nil {
			return nil, 0, err
		}
		if h.Now().Sub(prefix.ModTime) < sweepAge {
			continue
		}
		if old = append(old, prefix); len(old) == batch {
			if err := check(); err != nil {
				return nil, 0, err
			}
		}
	}
	return list, all, check()
}

// orphansAmong returns the prefixes that no row points to. What is not named
// after a video is not ours and stays.
func (h *Handlers) orphansAmong(ctx context.Context, prefixes []media.Prefix) (list []string, err error) {
	ids := make([]uuid.UUID, 0, len(prefixes))
	for _, p := range prefixes {
		if id, err := uuid.Parse(p.Video); err == nil {
			ids = append(ids, id)
		}
	}
	current, err := h.Store.MediaPrefixes(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, p := range prefixes {
		if id, err := uuid.Parse(p.Video); err == nil && current[id] != p.String() {
			list = append(list, p.String())
		}
	}
	return list, nil
}
