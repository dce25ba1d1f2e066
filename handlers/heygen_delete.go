package handlers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"heyq/heygen"
	"heyq/media"
	"heyq/store"
)

// deletePause lies between two deletes: they do not hurry, and share
// HeyGen's limit of requests with creates.
const deletePause = 250 * time.Millisecond

// deleteTime bounds one run: the other scheduled jobs wait behind it. The next tick
// goes on with what is left.
const deleteTime = 10 * time.Minute

// deleteAtHeyGen deletes HeyGen's copies of videos that were completed long
// enough ago, one after the other. It writes down each deletion before it asks
// for the next one. If a deletion was not written down, the next run asks for it
// again: HeyGen does not have the copy any more, which is as good. A run stops if
// HeyGen asks for a pause, and the next tick goes on.
func (h *Handlers) deleteAtHeyGen(ctx context.Context) (string, error) {
	if h.Retention.AtHeyGen == 0 {
		return "", nil
	}
	if err := h.Owns(ctx); err != nil {
		return "", err
	}
	deleted, refused, paused, err := h.deleteCopies(ctx)
	result := tally("deleted", deleted, "video")
	if paused != "" {
		result = both(result, paused)
	}
	if err == nil {
		err = refused
	}
	return result, err
}

// deleteCopies returns an error that lets no call through, be it HeyGen's or of our own
// limits, and then has ended early. refused is the first refusal of a single video,
// which ends nothing.
//
// A copy that HeyGen does not have is as good as deleted. If it has none of many, the
// key is another account's, and all of them are still there: so those that HeyGen does
// not know are written down only at the end.
func (h *Handlers) deleteCopies(ctx context.Context) (deleted int, refused error, paused string, err error) {
	start := time.Now()
	var gone []store.HeyGenCopy
	defer func() {
		if deleted == 0 && (paused != "" || err != nil) {
			return // the next run asks again
		}
		if deleted == 0 && len(gone) > fewUnknown {
			refused = errors.Join(refused, fmt.Errorf("HeyGen has none of %d videos: is HEYGEN_API_KEY that of another account?", len(gone)))
			return
		}
		for _, c := range gone {
			if wrote := h.Store.HeyGenDeleted(ctx, c.Video); wrote != nil {
				err = errors.Join(err, wrote)
				return
			}
			deleted++
		}
	}()
	for after := uuid.Nil; ; {
		list, next, err := h.Store.HeyGenCopies(ctx, h.Retention.AtHeyGen, after)
		if err != nil {
			return deleted, refused, "", err
		}
		for _, c := range list {
			err := h.deleteCopy(ctx, c)
			answer, answered := errors.AsType[*heygen.Error](err)
			switch {
			case err == nil:
				deleted++
			case unknownToHeyGen(err):
				gone = append(gone, c)
			case errors.Is(err, errOursLost):
				about(h.Log.Warn(), c.Video, store.Origin{}).Err(err).Msg("a published file is lost, and HeyGen's copy stays")
				refused = cmp.Or(refused, fmt.Errorf("video %s: %w", c.Video, err))
			case answered && answer.Status == http.StatusTooManyRequests:
				return deleted, refused, "HeyGen asked for a pause", nil
			case answered && answer.Refused() && !answer.Account():
				if refused == nil {
					refused = fmt.Errorf("video %s: %w", c.Video, err)
				}
			default:
				return deleted, refused, "", err
			}
			if time.Since(start) > h.deleteTime {
				return deleted, refused, "the rest comes with the next tick", nil
			}
			select {
			case <-ctx.Done():
				return deleted, refused, "", ctx.Err()
			case <-time.After(h.deletePause):
			}
		}
		if next == uuid.Nil {
			return deleted, refused, "", nil
		}
		after = next
	}
}

// errOursLost says that HeyGen's copy is the last one. A video that was deleted
// meanwhile is not found either, and is no lost file.
var errOursLost = errors.New("our own file is lost")

// deleteCopy deletes HeyGen's copy of one video, and writes that down. First it
// verifies our own file, which is the only one from then on. If our file is
// lost, the error is an errOursLost and HeyGen's copy stays. If retention has
// removed our files, there is nothing to verify.
func (h *Handlers) deleteCopy(ctx context.Context, c store.HeyGenCopy) error {
	v, err := h.Store.Video(ctx, store.Everyone(), c.Video)
	if err != nil {
		return err
	}
	if v.MediaPrefix != "" && v.File != nil {
		err := h.Media.Verify(ctx, v.MediaPrefix, v.File.Bytes, v.File.SHA256)
		if media.Lost(err) {
			return fmt.Errorf("%w: %w", errOursLost, err)
		}
		if err != nil {
			return err
		}
	}
	if err := h.HeyGen.Videos.Delete(ctx, c.HeyGenID); err != nil {
		return err
	}
	return h.Store.HeyGenDeleted(ctx, c.Video)
}
