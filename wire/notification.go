package wire

import (
	"time"

	"heyq/store"
)

// NotificationList is what a video's receiver is told.
type NotificationList struct {
	Notifications []Notification `json:"notifications" nullable:"false"`
}

// Notification is one end of a video, as told to its receiver.
type Notification struct {
	ID        string                  `json:"id" format:"uuid" doc:"The webhook-id that the receiver gets, the same at every try"`
	VideoID   string                  `json:"video_id" format:"uuid"`
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

// NotificationSecret is what signs the notifications of a user's videos.
type NotificationSecret struct {
	Secret    string     `json:"secret" example:"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="`
	MadeAt    time.Time  `json:"made_at"`
	Former    *string    `json:"former" doc:"The one before, which signs as well; null: there is none"`
	FormerEnd *time.Time `json:"former_until" doc:"Until when the former one signs; null: there is none"`
}

// RotateRequest says whose secret is to be exchanged.
type RotateRequest struct {
	UserID string `json:"user_id,omitempty" doc:"A user's id, for one who manages people; default your own" example:"0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e"`
}
