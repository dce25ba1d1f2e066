package handlers

import (
	"context"

	"github.com/google/uuid"

	"heyq/store"
)

// removeVideos removes what retention no longer keeps, page by page. The row
// goes, or says that its files are gone, before the files do: no row ever points
// to nothing, and files that are left when the process dies here are no video's,
// which store:sweep removes.
//
// What users left that were deleted with their videos goes first, whatever is kept.
func (h *Handlers) removeVideos(ctx context.Context) (string, error) {
	left, err := h.removePages(ctx, h.Store.RemoveDeparted)
	if err != nil || !h.Retention.Videos.Removes() {
		return left, err
	}
	old, err := h.removePages(ctx, func(ctx context.Context, after uuid.UUID) (store.Removed, error) {
		return h.Store.RemoveVideos(ctx, h.Retention.Videos, after)
	})
	return both(left, old), err
}

// removePages removes page by page what remove finds.
func (h *Handlers) removePages(ctx context.Context, remove func(ctx context.Context, after uuid.UUID) (store.Removed, error)) (string, error) {
	if err := h.Owns(ctx); err != nil {
		return "", err
	}
	var all store.Removed
	for {
		page, err := remove(ctx, all.Next)
		all.Videos, all.Files, all.Next = all.Videos+page.Videos, all.Files+page.Files, page.Next
		if err == nil {
			err = h.removeFiles(ctx, page.Prefixes)
		}
		if err != nil || all.Next == uuid.Nil {
			return both(tally("removed", all.Videos, "video"), tally("removed the files of", all.Files, "video")), err
		}
	}
}

// removeFiles deletes what nothing points to any more.
func (h *Handlers) removeFiles(ctx context.Context, prefixes []string) error {
	for _, prefix := range prefixes {
		if err := h.Media.Delete(ctx, prefix); err != nil {
			return err
		}
	}
	return nil
}

// both joins two results, either of which may be empty.
func both(one, other string) string {
	if one != "" && other != "" {
		return one + ", " + other
	}
	return one + other
}
