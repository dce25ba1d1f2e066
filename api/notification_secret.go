package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyq/store"
	"heyq/wire"
)

func secretOp() huma.Operation {
	return huma.Operation{
		OperationID: "get-notification-secret",
		Tags:        []string{notificationsTag},
		Summary:     "Get the secret of your notifications",
		Description: "What signs the notifications of your videos, made the first time that it is asked for. " +
			"Who manages people may ask for a user's. That of videos that are no user's is configured, and a 409 here.",
		Responses: map[string]*huma.Response{"200": answers("The secret", secretExample())},
		Errors:    []int{http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity, http.StatusServiceUnavailable},
	}
}

type secretInput struct {
	UserID string `query:"user_id" maxLength:"200" doc:"A user's id, for one who manages people; default your own"`
}

type secretOutput struct{ Body wire.NotificationSecret }

func (s *server) notificationSecret(ctx context.Context, in *secretInput) (*secretOutput, error) {
	return shownSecret(s.users.Secret(ctx, callerOf(ctx), in.UserID))
}

func rotateSecretOp() huma.Operation {
	return huma.Operation{
		OperationID: "rotate-notification-secret",
		Tags:        []string{notificationsTag},
		Summary:     "Exchange the secret of your notifications",
		Description: "Makes another secret. For a day both sign each notification, so that receivers change over when they like; " +
			"to exchange it again within that day is a 409.",
		MaxBodyBytes: maxBody,
		RequestBody: optional(examples{
			"own":  {Summary: "Your own", Value: wire.RotateRequest{}},
			"user": {Summary: "A user's", Value: wire.RotateRequest{UserID: exampleID.String()}},
		}),
		Responses: map[string]*huma.Response{"200": answers("The new secret, and the one before", secretExample())},
		Errors: []int{
			http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusServiceUnavailable,
		},
	}
}

type rotateInput struct{ JSON body[wire.RotateRequest] }

func (s *server) rotateSecret(ctx context.Context, in *rotateInput) (*secretOutput, error) {
	asked, err := in.JSON.read(s.schemas())
	if err != nil {
		return nil, err
	}
	return shownSecret(s.users.RotateSecret(ctx, callerOf(ctx), asked.UserID))
}

func shownSecret(s store.NotifySecret, err error) (*secretOutput, error) {
	if err != nil {
		return nil, err
	}
	shown := wire.NotificationSecret{Secret: s.Secret, MadeAt: s.MadeAt.UTC(), FormerEnd: timeOrNull(s.Until)}
	if s.Former != "" {
		shown.Former = &s.Former
	}
	return &secretOutput{shown}, nil
}

func secretExample() wire.NotificationSecret {
	return wire.NotificationSecret{Secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=", MadeAt: exampleAt}
}
