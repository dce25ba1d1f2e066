package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/store"
)

func notificationsOp() huma.Operation {
	return huma.Operation{
		OperationID: "list-notifications",
		Tags:        []string{notificationsTag},
		Summary:     "List a video's notifications",
		Description: "What `notify_url` was, or is to be, told of the video, oldest first, with the log of every try: " +
			"what the receiver answered, or why it got nothing.",
		Responses: map[string]*huma.Response{"200": answerOf("The notifications", notificationsExample())},
		Errors:    []int{http.StatusNotFound, http.StatusServiceUnavailable},
	}
}

type notificationsOutput struct{ Body NotificationList }

// NotificationList is what a video's receiver is told.
type NotificationList struct {
	Notifications []Notification `json:"notifications" nullable:"false"`
}

// Notification is one end of a video, as told to its receiver.
type Notification struct {
	ID        uuid.UUID               `json:"id" format:"uuid" doc:"The webhook-id that the receiver gets, the same at every try"`
	VideoID   uuid.UUID               `json:"video_id" format:"uuid"`
	Event     string                  `json:"event" enum:"video.completed,video.failed,video.cancelled"`
	URL       string                  `json:"url" doc:"notify_url of the video"`
	State     store.NotificationState `json:"state" enum:"pending,delivered,failed" doc:"failed: given up; it can be delivered again by hand"`
	CreatedAt time.Time               `json:"created_at"`
	NextTryAt *time.Time              `json:"next_try_at" doc:"null: it is delivered, or given up"`
	ExpiresAt time.Time               `json:"expires_at" doc:"No try comes after that"`
	Tries     []Try                   `json:"tries" nullable:"false" doc:"The last 20, oldest first"`
}

// Try is one attempt to deliver it.
type Try struct {
	At              time.Time `json:"at"`
	Status          int       `json:"status" example:"503" doc:"What the receiver answered; 0: nothing"`
	DurationSeconds float64   `json:"duration_seconds" example:"0.042"`
	Error           string    `json:"error" doc:"Empty: delivered"`
	Answer          string    `json:"answer" doc:"The beginning of what the receiver said, where it was no 2xx"`
}

func (s *server) listNotifications(ctx context.Context, in *idInput) (*notificationsOutput, error) {
	id, err := idOf(in.ID)
	if err != nil {
		return nil, err
	}
	list, err := s.client.Notifications(ctx, id)
	if err != nil {
		return nil, err
	}
	shown := make([]Notification, len(list))
	for i, n := range list {
		shown[i] = showNotification(n)
	}
	return &notificationsOutput{NotificationList{shown}}, nil
}

func showNotification(n store.Notification) Notification {
	shown := Notification{
		ID: n.ID, VideoID: n.VideoID, Event: n.Event, URL: n.URL, State: n.State,
		CreatedAt: n.CreatedAt.UTC(), NextTryAt: timeOrNull(n.DueAt), ExpiresAt: n.ExpiresAt.UTC(),
		Tries: make([]Try, len(n.Tries)),
	}
	for i, t := range n.Tries {
		shown.Tries[i] = Try{t.At.UTC(), t.Status, t.Duration.Seconds(), t.Error, t.Answer}
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
		Responses:     map[string]*huma.Response{"202": answerOf("Due now", notificationsExample().Notifications[0])},
		Errors:        []int{http.StatusNotFound, http.StatusServiceUnavailable},
	}
}

type notificationInput struct {
	ID string `path:"id" doc:"The notification's id, a UUID"`
}

type notificationOutput struct{ Body Notification }

func (s *server) redeliver(ctx context.Context, in *notificationInput) (*notificationOutput, error) {
	id, err := uuid.Parse(in.ID)
	if err != nil || len(in.ID) != len(uuid.Nil.String()) {
		return nil, fault.New(fault.NotFound, "there is no notification %.100q", in.ID).
			WithAdvice(fault.ListNotifications, "")
	}
	n, err := s.client.Redeliver(ctx, id)
	if err != nil {
		return nil, err
	}
	return &notificationOutput{showNotification(n)}, nil
}
