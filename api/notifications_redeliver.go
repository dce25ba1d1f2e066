package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyq/internal/fault"
	"heyq/store"
)

func redeliverAllOp() huma.Operation {
	return huma.Operation{
		OperationID: "redeliver-notifications",
		Tags:        []string{notificationsTag},
		Summary:     "Deliver many notifications again",
		Description: "Delivers again what ended: `failed` means those that were given up, `video_id` those of one video, " +
			"and `since` those that ended after then. Give `failed`, `video_id` or both.",
		MaxBodyBytes:  maxBody,
		RequestBody:   bodyOf[RedeliverRequest](true, redeliverExamples()),
		DefaultStatus: http.StatusAccepted,
		Responses:     map[string]*huma.Response{"202": answerOf("Due now", Redelivered{3})},
		Errors: []int{
			http.StatusBadRequest, http.StatusNotFound, http.StatusRequestEntityTooLarge,
			http.StatusUnprocessableEntity, http.StatusServiceUnavailable,
		},
	}
}

// RedeliverRequest says which notifications are meant.
type RedeliverRequest struct {
	VideoID string    `json:"video_id,omitempty" doc:"Those of one video"`
	Failed  bool      `json:"failed,omitempty" doc:"Those that were given up"`
	Since   time.Time `json:"since,omitzero" doc:"Those that ended after then (RFC 3339)"`
}

// Redelivered says how many there were.
type Redelivered struct {
	Redelivered int `json:"redelivered" example:"3"`
}

type redeliverAllInput struct{ JSON payload }

type redeliverAllOutput struct{ Body Redelivered }

func (s *server) redeliverAll(ctx context.Context, in *redeliverAllInput) (*redeliverAllOutput, error) {
	parsed, err := in.JSON.parse()
	if err != nil {
		return nil, err
	}
	var request RedeliverRequest
	if err := s.again.decode(parsed, &request); err != nil {
		return nil, err
	}
	which, err := s.redelivery(ctx, request)
	if err != nil {
		return nil, err
	}
	n, err := s.client.RedeliverAll(ctx, which)
	if err != nil {
		return nil, err
	}
	return &redeliverAllOutput{Redelivered{n}}, nil
}

// redelivery makes sure that a request means something, and not everything.
func (s *server) redelivery(ctx context.Context, r RedeliverRequest) (store.Redelivery, error) {
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
	which.Video = v.ID
	return which, err
}
