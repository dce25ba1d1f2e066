package handlers

import (
	"context"
	"errors"

	"github.com/google/uuid"
)

// SweepSpool clears this machine's spool of what dead workers left, and of what
// is kept for videos that need it no more: another worker completed them. It
// returns how many downloads it removed.
func (h *Handlers) SweepSpool(ctx context.Context) (removed int, err error) {
	swept, sweepErr := h.Media.SweepSpool(ctx)
	forgotten, err := h.forgetCompleted(ctx)
	return swept + forgotten, errors.Join(sweepErr, err)
}

func (h *Handlers) forgetCompleted(ctx context.Context) (forgotten int, err error) {
	names, err := h.Media.Kept()
	if err != nil {
		return 0, err
	}
	names, videos := ours(names)
	if len(videos) == 0 {
		return 0, nil
	}
	prefixes, err := h.Store.MediaPrefixes(ctx, videos)
	if err != nil {
		return 0, err
	}
	for i, name := range names {
		if prefix, exists := prefixes[videos[i]]; exists && prefix == "" {
			continue // its file is still to come, or a retry may want it
		}
		if err := h.Media.Forget(name); err != nil {
			return forgotten, err
		}
		forgotten++
	}
	return forgotten, nil
}

// ours are the names that tell of a video.
func ours(all []string) (names []string, videos []uuid.UUID) {
	for _, name := range all {
		if video, ok := videoOf(name); ok {
			names, videos = append(names, name), append(videos, video)
		}
	}
	return names, videos
}
