package remote

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Notification is one end of a video, as told to its receiver.
type Notification struct {
	ID        string     `json:"id"`
	VideoID   string     `json:"video_id"`
	Event     string     `json:"event"`
	URL       string     `json:"url"`
	State     string     `json:"state"` // pending, delivered or failed
	CreatedAt time.Time  `json:"created_at"`
	NextTryAt *time.Time `json:"next_try_at"`
	ExpiresAt time.Time  `json:"expires_at"`
	Tries     []Try      `json:"tries"`
}

// Try is one attempt to deliver a notification.
type Try struct {
	At              time.Time `json:"at"`
	Status          int       `json:"status"` // 0: no answer
	DurationSeconds float64   `json:"duration_seconds"`
	Error           string    `json:"error"` // empty: delivered
	Answer          string    `json:"answer"`
}

// Redelivery says which notifications to deliver again.
type Redelivery struct {
	VideoID string    `json:"video_id,omitempty"`
	Failed  bool      `json:"failed,omitempty"`
	Since   time.Time `json:"since,omitzero"`
}

// Notifications lists those of a video, oldest first.
func (c *Client) Notifications(ctx context.Context, video string) ([]Notification, error) {
	var answer struct {
		Notifications []Notification `json:"notifications"`
	}
	err := c.call(ctx, request{method: http.MethodGet, path: videoPath(video) + "/notifications"}, &answer)
	return answer.Notifications, err
}

// Redeliver delivers one notification again.
func (c *Client) Redeliver(ctx context.Context, id string) (Notification, error) {
	var n Notification
	err := c.call(ctx, request{method: http.MethodPost, path: "/v1/notifications/" + url.PathEscape(id) + "/redeliver"}, &n)
	return n, err
}

// RedeliverAll delivers all of r again and returns how many they are.
func (c *Client) RedeliverAll(ctx context.Context, r Redelivery) (int, error) {
	var answer struct {
		Redelivered int `json:"redelivered"`
	}
	err := c.call(ctx, request{method: http.MethodPost, path: "/v1/notifications/redeliver", body: r}, &answer)
	return answer.Redelivered, err
}
