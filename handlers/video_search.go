package handlers

import (
	"context"
	"fmt"

	"heyq/internal/policy"
	"heyq/store"
)

// searchForVideo asks HeyGen for a video with our token, instead of sending a
// create that may have been accepted before. Nothing found is believed only
// when the last possible send is long over, and when the search is seen to find
// what is there.
func (h *Handlers) searchForVideo(ctx context.Context, run store.Run) store.End {
	titles, err := h.titles(ctx)
	if err != nil {
		return because(h.searchFailed(ctx, run, err), err)
	}
	listed, err := h.HeyGen.Videos.FindByTitle(ctx, token(run))
	if err != nil {
		return because(h.searchFailed(ctx, run, err), err)
	}
	found := titles.find(listed, run)
	switch {
	case len(found) == 1:
		h.noteTitle(ctx, run, found[0])
		return store.Accepted(run, found[0].ID, 0)
	case len(found) > 1:
		return store.Ambiguous(run, fmt.Sprintf("HeyGen lists %d videos with this title token", len(found)))
	case !run.Settled:
		return store.NotFoundYet(run, h.SearchInterval)
	}
	proven, err := h.absenceIsProof(ctx, run)
	switch {
	case err != nil:
		return because(h.searchFailed(ctx, run, err), err)
	case !proven:
		return store.Ambiguous(run, "HeyGen lists no video with this title token, and has not lately listed another one by its whole title: it may render this one all the same")
	}
	return store.NotFound(run, h.ResubmitUnfound)
}

// searchFailed waits, for a day, and then leaves the video to a person. A search
// that was cut short by a shutdown, or that was not made, is no answer either way.
func (h *Handlers) searchFailed(ctx context.Context, run store.Run, err error) store.End {
	switch {
	case policy.RefusalIn(err) != nil:
		return notSent(run, err)
	case run.SearchExpired && ctx.Err() == nil:
		return store.Ambiguous(run, "HeyGen could not be asked whether the create was accepted: "+err.Error())
	}
	return store.NotSent(run, max(h.SearchInterval, retryAfter(err)))
}
