package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyq/internal/fault"
	"heyq/store"
	"heyq/wire"
)

func redeliverAllOp() huma.Operation {
	return huma.Operation{
		OperationID: "redeliver-notifications",
		Tags:        []string{notificationsTag},
		Summary:     "Deliver many notifications again",
		Description: "Delivers again what ended: `failed` means those that were given up, `video_id` those of one video, " +
			"and `since` those that ended after then. Give `failed`, `video_id` or both.",
		MaxBodyBytes: maxBody,
		RequestBody: required(examples{
			"failed": {Summary: "Every one that was given up since a receiver broke", Value: wire.RedeliverRequest{Failed: true, Since: exampleAt}},
			"video":  {Summary: "Those of one video", Value: wire.RedeliverRequest{VideoID: exampleID.String()}},
		}),
		DefaultStatus: http.StatusAccepted,
		Responses:     map[string]*huma.Response{"202": answers("Due now", wire.Redelivered{Redelivered: 3})},
		Errors: []int{
			http.StatusBadRequest, http.StatusNotFound, http.StatusRequestEntityTooLarge,
			http.StatusUnprocessableEntity, http.StatusServiceUnavailable,
		},
	}
}

type redeliverAllInput struct{ JSON body[wire.RedeliverRequest] }

type redeliverAllOutput struct{ Body wire.Redelivered }

func (s *server) redeliverAll(ctx context.Context, in *redeliverAllInput) (*redeliverAllOutput, error) {
	request, err := in.JSON.read(s.schemas())
	if err != nil {
		return nil, err
	}
	which, err := s.redelivery(ctx, request)
	if err != nil {
		return nil, err
	}
	n, err := s.client.RedeliverAll(ctx, viewerOf(ctx), which)
	if err != nil {
		return nil, err
	}
	return &redeliverAllOutput{wire.Redelivered{Redelivered: n}}, nil
}

// redelivery makes sure that a request means something, and not everything.
func (s *server) redelivery(ctx context.Context, r wire.RedeliverRequest) (store.Redelivery, error) {
	which := store.Redelivery{Failed: r.Failed}
	switch {
	case r.VideoID == "" && !r.Failed:
		return which, fault.New(fault.Invalid, notReadable).
			WithField("failed", r.Failed, "must be true where no video_id is given")
	case !r.Since.IsZero():
		if which.Within = time.Since(r.Since); which.Within <= 0 {
			return which, fault.New(fault.Invalid, notReadable).
				WithField("since", r.Since.Format(time.RFC3339), "has not come yet; give a time that has passed")
		}
	}
	if r.VideoID == "" {
		return which, nil
	}
	v, err := s.find(ctx, r.VideoID)
	if err == nil && !viewerOf(ctx).Owns(v.UserID) {
		err = store.ErrReadOnly(v.ID)
	}
	which.Video = v.ID
	return which, err
}
