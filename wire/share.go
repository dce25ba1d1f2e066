package wire

import "time"

// Share is that a video is shown to a user.
type Share struct {
	UserID   string    `json:"user_id" format:"uuid" example:"0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e"`
	SharedAt time.Time `json:"shared_at" doc:"Since when"`
}

// NewShare says to whom a video is to be shown.
type NewShare struct {
	UserID string `json:"user_id,omitempty" doc:"A user's id" example:"0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e"`
}

// ShareList lists to whom a video is shown.
type ShareList struct {
	Shares []Share `json:"shares" nullable:"false"`
}
