package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/store"
	"heyq/wire"
)

func notificationsOp() huma.Operation {
	return huma.Operation{
		OperationID: "list-notifications",
		Tags:        []string{notificationsTag},
		Summary:     "List a video's notifications",
		Description: "What `notify_url` was, or is to be, told of the video, oldest first, with the log of every try: " +
			"what the receiver answered, or why it got nothing.",
		Responses: map[string]*huma.Response{"200": answers("The notifications", notificationsExample())},
		Errors:    []int{http.StatusNotFound, http.StatusServiceUnavailable},
	}
}

type notificationsOutput struct{ Body wire.NotificationList }

func (s *server) listNotifications(ctx context.Context, in *idInput) (*notificationsOutput, error) {
	id, err := idOf(in.ID)
	if err != nil {
		return nil, err
	}
	list, err := s.client.Notifications(ctx, viewerOf(ctx), id)
	if err != nil {
		return nil, err
	}
	shown := make([]wire.Notification, len(list))
	for i, n := range list {
		shown[i] = showNotification(n)
	}
	return &notificationsOutput{wire.NotificationList{Notifications: shown}}, nil
}

func showNotification(n store.Notification) wire.Notification {
	shown := wire.Notification{
		ID: n.ID.String(), VideoID: n.VideoID.String(), Event: n.Event, URL: n.URL, State: n.State,
		CreatedAt: n.CreatedAt.UTC(), NextTryAt: timeOrNull(n.DueAt), ExpiresAt: n.ExpiresAt.UTC(),
		Tries: make([]wire.Try, len(n.Tries)),
	}
	for i, t := range n.Tries {
		shown.Tries[i] = wire.Try{At: t.At.UTC(), Status: t.Status, DurationSeconds: t.Duration.Seconds(), Error: t.Error, Answer: t.Answer}
	}
	return shown
}

func redeliverOp() huma.Operation {
	return huma.Operation{
		OperationID:   "redeliver-notification",
		Tags:          []string{notificationsTag},
		Summary:       "Deliver a notification again",
		Description:   "Delivers it now, under the same id and with 24 hours before it, whatever came of it until now.",
		DefaultStatus: http.StatusAccepted,
		Responses:     map[string]*huma.Response{"202": answers("Due now", notificationsExample().Notifications[0])},
		Errors:        []int{http.StatusNotFound, http.StatusServiceUnavailable},
	}
}

type notificationInput struct {
	ID string `path:"id" doc:"The notification's id, a UUID"`
}

type notificationOutput struct{ Body wire.Notification }

func (s *server) redeliver(ctx context.Context, in *notificationInput) (*notificationOutput, error) {
	id, err := uuid.Parse(in.ID)
	if err != nil || len(in.ID) != len(uuid.Nil.String()) {
		return nil, fault.New(fault.NotFound, "there is no notification %.100q", in.ID).
			WithAdvice(fault.ListNotifications, "")
	}
	n, err := s.client.Redeliver(ctx, viewerOf(ctx), id)
	if err != nil {
		return nil, err
	}
	return &notificationOutput{showNotification(n)}, nil
}

func notificationsExample() wire.NotificationList {
	ended := completedExample().Timeline[4].At
	return wire.NotificationList{Notifications: []wire.Notification{showNotification(store.Notification{
		ID: uuid.MustParse("0199b3a7-c2d4-7b1e-8f60-4a5b6c7d8e9f"), VideoID: exampleID, Event: "video.completed",
		URL: "https://example.com/heyq", State: store.NotificationPending,
		CreatedAt: ended, DueAt: ended.Add(5 * time.Second), ExpiresAt: ended.Add(store.NotificationLife),
		Tries: []store.Try{{At: ended, Status: 503, Duration: 42 * time.Millisecond, Error: "it answered 503 Service Unavailable", Answer: "back in a minute"}},
	})}}
}
