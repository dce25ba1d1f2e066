package store

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Live is what tells of videos while they move. It only reads, and by indexes that are
// there for others: no write of a row pays for it.
type Live interface {
	// Moving lists the videos that may have moved: those that HeyGen or a worker is at,
	// and those that were created, failed or completed within the last span, up to n of
	// each sort. A video may come twice. Two moves are found by other means only: that
	// a video was cancelled while it waited, and that it waits again.
	Moving(ctx context.Context, span time.Duration, n int) ([]Moving, error)
	// Histories returns the histories of those videos that exist, in no order.
	Histories(ctx context.Context, ids []uuid.UUID) ([]History, error)
	// PhaseTimes says how long the phases of videos took: of up to n that were
	// measured, the newest video first.
	PhaseTimes(ctx context.Context, n int) ([]PhaseTimes, error)
}

// Moving is a video that may have moved.
type Moving struct {
	Video  uuid.UUID
	Steps  int  // how many states it was in
	Active bool // HeyGen or a worker is at it
}

// History is how a video came to where it is.
type History struct {
	Video     uuid.UUID
	UserID    string
	NotBefore time.Time // zero: at once
	Timeline  []Event
}

// PhaseTimes is how long each phase of a completed video took.
type PhaseTimes struct {
	Queue    time.Duration // created, or its not_before, until the first send
	Submit   time.Duration // first send until HeyGen accepted
	Render   time.Duration // accepted until HeyGen was seen to be done
	Download time.Duration // until the file was published
}
