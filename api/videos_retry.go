package api

import (
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyq/store"
	"heyq/wire"
)

func retryOp() huma.Operation {
	return huma.Operation{
		OperationID: "retry-video",
		Tags:        []string{videosTag},
		Summary:     "Retry a video",
		Description: "Runs a failed or cancelled video again. Where HeyGen has a render that is not known to be dead, that render is resumed and nothing is paid. " +
			"Otherwise it is a new render; where the old one may have been billed, that needs `{\"new_render\": true}`, and is a 409 without it. " +
			"The message says which it was. A video in any other state is a 409.",
		MaxBodyBytes: maxBody,
		RequestBody: optional(examples{
			"resume": {Summary: "Only if it pays nothing, or nothing was billed", Value: wire.RetryRequest{}},
			"again":  {Summary: "Even if it is billed again", Value: wire.RetryRequest{NewRender: true}},
		}),
		DefaultStatus: http.StatusAccepted,
		Responses:     map[string]*huma.Response{"202": answers("Running again", retryExample())},
		Errors: []int{
			http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusServiceUnavailable,
		},
	}
}

type retryInput struct {
	ID   string `path:"id" doc:"The video's id, a UUID"`
	JSON body[wire.RetryRequest]
}

func (s *server) retryVideo(ctx context.Context, in *retryInput) (*changedOutput, error) {
	if err := count(ctx, "", 1); err != nil {
		return nil, err
	}
	before, err := s.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	request, err := in.JSON.read(s.schemas())
	if err != nil {
		return nil, err
	}
	v, err := s.client.Retry(ctx, viewerOf(ctx), before.ID, store.Retry{NewRender: request.NewRender})
	if err != nil {
		return nil, err
	}
	return &changedOutput{http.StatusAccepted, showChangedVideo(v, retried(before, v))}, nil
}

// retried says what a retry made of a video.
func retried(before, v store.Video) string {
	switch {
	case v.Submission == before.Submission:
		return "resuming the render that HeyGen has; nothing is paid again"
	case before.MayBeBilled:
		return fmt.Sprintf("queued as a new paid render (submission %d); the earlier one may have been billed as well", v.Submission)
	default:
		return fmt.Sprintf("queued as a new paid render (submission %d); nothing was billed before", v.Submission)
	}
}

func retryExample() wire.ChangedVideo {
	v := queuedExample()
	v.Submission++
	return wire.ChangedVideo{Video: v, Message: retried(store.Video{Submission: 1, MayBeBilled: true}, store.Video{Submission: v.Submission})}
}
