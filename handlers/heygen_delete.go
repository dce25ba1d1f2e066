package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"heyq/heygen"
	"heyq/store"
)

// deletePause lies between two deletes: they are nobody's hurry, and share
// HeyGen's limit of requests with creates.
const deletePause = 250 * time.Millisecond

// deleteAtHeyGen deletes HeyGen's copies of videos that were completed long
// enough ago, one after the other. Each is written down before the next one is
// asked for; one whose deletion was not written down is gone when it is asked for
// again, which is as good. It stops where HeyGen asks for a pause, and goes on
// with the next tick.
func (h *Handlers) deleteAtHeyGen(ctx context.Context) (string, error) {
	if h.Keep.AtHeyGen == 0 {
		return "", nil
	}
	if err := h.Owns(ctx); err != nil {
		return "", err
	}
	deleted, refused, paused, err := h.deleteCopies(ctx)
	result := tally("deleted", deleted, "video")
	if paused {
		result = both(result, "HeyGen asked for a pause")
	}
	if err == nil {
		err = refused
	}
	return result, err
}

// deleteCopies returns an error of HeyGen's door or of ours, which ends it, and
// the first refusal of a single video, which does not.
func (h *Handlers) deleteCopies(ctx context.Context) (deleted int, refused error, paused bool, err error) {
	for after := uuid.Nil; ; {
		list, next, err := h.Store.HeyGenCopies(ctx, h.Keep.AtHeyGen, after)
		if err != nil {
			return deleted, refused, false, err
		}
		for _, c := range list {
			err := h.deleteCopy(ctx, c)
			answer, answered := errors.AsType[*heygen.Error](err)
			switch {
			case err == nil:
				deleted++
			case answered && answer.Status == http.StatusTooManyRequests:
				return deleted, refused, true, nil
			case answered && answer.Refused() && !answer.Account():
				if refused == nil {
					refused = fmt.Errorf("video %s: %w", c.Video, err)
				}
			default:
				return deleted, refused, false, err
			}
			select {
			case <-ctx.Done():
				return deleted, refused, false, ctx.Err()
			case <-time.After(h.deletePause):
			}
		}
		if next == uuid.Nil {
			return deleted, refused, false, nil
		}
		after = next
	}
}

// deleteCopy deletes one. That HeyGen has none is what was wanted.
func (h *Handlers) deleteCopy(ctx context.Context, c store.HeyGenCopy) error {
	err := h.HeyGen.Videos.Delete(ctx, c.HeyGenID)
	if answer, ok := errors.AsType[*heygen.Error](err); err != nil && (!ok || answer.Status != http.StatusNotFound) {
		return err
	}
	return h.Store.HeyGenDeleted(ctx, c.Video)
}
