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
func (h *Handlers) removeVideos(ctx context.Context) (string, error) {
	if !h.Retention.Videos.Removes() {
		return "", nil
	}
	if err := h.Owns(ctx); err != nil {
		return "", err
	}
	var all store.Removed
	for {
		page, err := h.Store.RemoveVideos(ctx, h.Retention.Videos, all.Next)
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
