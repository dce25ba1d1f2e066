package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyq/store"
	"heyq/wire"
)

func cancelOp() huma.Operation {
	return huma.Operation{
		OperationID: "cancel-video",
		Tags:        []string{videosTag},
		Summary:     "Cancel a video",
		Description: "Ends a video that has not ended. The message says what is or may be billed: HeyGen knows no cancel, " +
			"so what it has begun it may finish and bill. A video that had ended is a 409.",
		DefaultStatus: http.StatusAccepted,
		Responses: map[string]*huma.Response{
			"200": answers("Cancelled before anything was sent", cancelExample(store.Queued)),
			"202": answers("Cancelled, or asked to be; HeyGen may still bill it", cancelExample(store.Rendering)),
		},
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable},
	}
}

type changedOutput struct {
	Status int
	Body   wire.ChangedVideo
}

func (s *server) cancelVideo(ctx context.Context, in *idInput) (*changedOutput, error) {
	id, err := idOf(in.ID)
	if err != nil {
		return nil, err
	}
	v, was, err := s.client.Cancel(ctx, viewerOf(ctx), id)
	if err != nil {
		return nil, err
	}
	status, message := cancelled(was, v.Submission)
	return &changedOutput{status, showChangedVideo(v, message)}, nil
}

// cancelled says what a cancel means for a video that was in that state.
func cancelled(was store.State, submission int) (status int, message string) {
	switch {
	case was == store.Queued && submission > 1:
		return http.StatusOK, "cancelled, nothing was sent for this retry; only what was sent before it may be billed"
	case was == store.Queued:
		return http.StatusOK, "cancelled, nothing was sent and nothing is billed"
	case was == store.Submitting:
		return http.StatusAccepted, "cancelling: the request may have reached HeyGen already; if HeyGen accepted it, HeyGen may still bill it"
	default:
		return http.StatusAccepted, "cancelled; HeyGen may still bill it"
	}
}

func showChangedVideo(v store.Video, message string) wire.ChangedVideo {
	return wire.ChangedVideo{Video: show(v), Message: message}
}

func cancelExample(was store.State) wire.ChangedVideo {
	v := queuedExample()
	v.State = store.Cancelled
	_, message := cancelled(was, v.Submission)
	return wire.ChangedVideo{Video: v, Message: message}
}
