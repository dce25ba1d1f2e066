package client

import (
	"context"
	"net/url"

	"heyq/wire"
)

// Notifications tell receivers of the ends of videos.
type Notifications service

// List lists those of a video, oldest first.
func (s *Notifications) List(ctx context.Context, video string) ([]wire.Notification, error) {
	answer, err := call[wire.NotificationList](ctx, s.c, get(at("/v1/videos/{}/notifications", video)))
	return answer.Notifications, err
}

// Redeliver delivers one notification again.
func (s *Notifications) Redeliver(ctx context.Context, id string) (wire.Notification, error) {
	return call[wire.Notification](ctx, s.c, post(at("/v1/notifications/{}/redeliver", id), nil))
}

// RedeliverAll delivers all that r means again, and returns how many they are.
func (s *Notifications) RedeliverAll(ctx context.Context, r wire.RedeliverRequest) (int, error) {
	answer, err := call[wire.Redelivered](ctx, s.c, post("/v1/notifications/redeliver", r))
	return answer.Redelivered, err
}

// Secret returns what signs the notifications of a user's videos; an empty user is the
// caller.
func (s *Notifications) Secret(ctx context.Context, user string) (wire.NotificationSecret, error) {
	r := get("/v1/notification-secret")
	if user != "" {
		r.query = url.Values{"user_id": {user}}
	}
	return call[wire.NotificationSecret](ctx, s.c, r)
}

// RotateSecret makes another secret. The one before signs as well for a day.
func (s *Notifications) RotateSecret(ctx context.Context, user string) (wire.NotificationSecret, error) {
	return call[wire.NotificationSecret](ctx, s.c, post("/v1/notification-secret/rotate", wire.RotateRequest{UserID: user}))
}
