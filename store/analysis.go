package store

import (
	"time"

	"github.com/google/uuid"
)

// Analysis is what was measured of one completed video.
type Analysis struct {
	VideoID  uuid.UUID `json:"video_id"`
	UserID   string    `json:"user_id"`
	Template string    `json:"template"` // empty: not made from one

	QueueTime    time.Duration `json:"queue_time"`    // created, or its not_before, until the first send
	SubmitTime   time.Duration `json:"submit_time"`   // first send until HeyGen accepted
	RenderTime   time.Duration `json:"render_time"`   // accepted until HeyGen was seen to be done
	DownloadTime time.Duration `json:"download_time"` // until the file was published

	File
	Price       float64   `json:"price"` // USD, by the configured rate
	CompletedAt time.Time `json:"completed_at"`
}

// DailyTotal is a day's sum (UTC) for one user and template.
type DailyTotal struct {
	Day        time.Time
	UserID     string
	Template   string
	Videos     int
	Duration   time.Duration
	Bytes      int64
	Price      float64
	RenderTime time.Duration // sum; divide by Videos for the mean
}
