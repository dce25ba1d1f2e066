package store

import (
	"time"

	"github.com/google/uuid"
)

// Analysis is what was measured of one completed video.
type Analysis struct {
	VideoID  uuid.UUID
	UserID   string
	Template string // empty: not made from one

	QueueTime    time.Duration // created, or its not_before, until the first send
	SubmitTime   time.Duration // first send until HeyGen accepted
	RenderTime   time.Duration // accepted until HeyGen was seen to be done
	DownloadTime time.Duration // until the file was published

	File
	Price       float64 // USD, by the configured rate
	CompletedAt time.Time
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
