package handlers

import (
	"context"
	"fmt"
	"strings"

	"heyq/heygen"
	"heyq/internal/policy"
	"heyq/store"
)

// lookForVideo asks HeyGen for a video with our token, instead of sending a
// create that may have been accepted before. Nothing found is believed only
// when the last possible send is long over.
func (h *Handlers) lookForVideo(ctx context.Context, run store.Run) store.End {
	listed, err := h.HeyGen.Videos.FindByTitle(ctx, token(run))
	if err != nil {
		return h.lookFailed(ctx, run, err)
	}
	found := withToken(listed, titleToken(run))
	switch {
	case len(found) == 1:
		return store.Accepted(run, found[0].ID, 0)
	case len(found) > 1:
		return store.Ambiguous(run, fmt.Sprintf("HeyGen lists %d videos with this title token", len(found)))
	case !run.Settled:
		return store.NotFoundYet(run, h.LookInterval)
	default:
		return store.NotFound(run, h.ResubmitUnfound)
	}
}

// lookFailed waits, for a day, and then leaves the video to a person. A look
// that was cut short by a shutdown, or that was not made, is no answer either way.
func (h *Handlers) lookFailed(ctx context.Context, run store.Run, err error) store.End {
	switch {
	case policy.RefusalIn(err) != nil:
		return notSent(run, err)
	case run.LookExpired && ctx.Err() == nil:
		return store.Ambiguous(run, "HeyGen could not be asked whether the create was accepted: "+err.Error())
	}
	return store.NotSent(run, max(h.LookInterval, retryAfter(err)))
}

// withToken compares exactly what HeyGen compared loosely.
func withToken(listed []heygen.Video, token string) []heygen.Video {
	var found []heygen.Video
	for _, v := range listed {
		if strings.Contains(v.Title, token) {
			found = append(found, v)
		}
	}
	return found
}
