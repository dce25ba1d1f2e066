package handlers

import (
	"context"
	"time"

	"github.com/google/uuid"

	"heyq/media"
)

// sweepAge spares what may still be at work: a run that is about to publish,
// or has published and not said so yet.
const sweepAge = 24 * time.Hour

// sweepStore removes what no row points to: prefixes that were published by a
// run that could not say so any more. On S3 it gives up uploads that nobody ended.
func (h *Handlers) sweepStore(ctx context.Context) (string, error) {
	n, err := h.sweepOrphans(ctx)
	result := tally("removed", n, "orphaned folder")
	if err != nil {
		return result, err
	}
	uploads, err := h.Media.AbortUploads(ctx, h.Now().Add(-sweepAge))
	if media.Refuses(err) {
		err = nil // these credentials may not, or the store knows none
	}
	return both(result, tally("gave up", uploads, "upload")), err
}

func (h *Handlers) sweepOrphans(ctx context.Context) (removed int, err error) {
	const batch = 500
	old := make([]media.Prefix, 0, batch)
	sweep := func() error {
		n, err := h.removeOrphans(ctx, old)
		removed += n
		old = old[:0]
		return err
	}
	for prefix, err := range h.Media.Prefixes(ctx) {
		if err != nil {
			return removed, err
		}
		if h.Now().Sub(prefix.ModTime) < sweepAge {
			continue
		}
		if old = append(old, prefix); len(old) == batch {
			if err := sweep(); err != nil {
				return removed, err
			}
		}
	}
	return removed, sweep()
}

// removeOrphans removes the prefixes that no row points to. What is not named
// after a video is not ours and stays.
func (h *Handlers) removeOrphans(ctx context.Context, prefixes []media.Prefix) (removed int, err error) {
	ids := make([]uuid.UUID, 0, len(prefixes))
	for _, p := range prefixes {
		if id, err := uuid.Parse(p.Video); err == nil {
			ids = append(ids, id)
		}
	}
	current, err := h.Store.MediaPrefixes(ctx, ids)
	if err != nil {
		return 0, err
	}
	for _, p := range prefixes {
		id, err := uuid.Parse(p.Video)
		if err != nil || current[id] == p.String() {
			continue
		}
		if err := h.Media.Delete(ctx, p.String()); err != nil {
			return removed, err
		}
		removed++
	}
	return removed, nil
}
