package store

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Retention says how long what has ended is kept. Zero means for ever.
type Retention struct {
	Completed time.Duration // a video, from its end on
	Failed    time.Duration // but for one that is under review
	Cancelled time.Duration
	Files     time.Duration // those of a completed video, whose row stays
	// Copies keeps a completed video until HeyGen's copy of it is deleted.
	Copies bool
}

// Removes reports whether anything is ever removed.
func (r Retention) Removes() bool {
	return r.Completed > 0 || r.Failed > 0 || r.Cancelled > 0 || r.Files > 0
}

// Removed is what was removed of one page of videos.
type Removed struct {
	Videos   int       // rows, with their analyses and notifications
	Files    int       // videos that stay, and have lost their files
	Prefixes []string  // where the files are that nothing points to any more
	Next     uuid.UUID // the page ends with it; Nil: it was the last one
}

// HeyGenCopy is HeyGen's copy of a completed video.
type HeyGenCopy struct {
	Video    uuid.UUID
	HeyGenID string
}

// The sizes of one bite: what a statement looks at, and removes at most.
const (
	RetentionPage  = 500
	RetentionBatch = 1000
)

// Housekeeping removes what is old enough, a little at a time, so that no other
// transaction waits long for its locks and it can stop between two calls. Each
// call is complete in itself, and none relies on an earlier one.
type Housekeeping interface {
	// RemoveVideos goes through the RetentionPage videos that follow after (Nil:
	// from the oldest on) and removes what r no longer keeps. Nothing is removed
	// that is open, holds a slot, has a notification to deliver, is still to be
	// measured, or is not counted in its daily total yet. Idempotency keys stay for
	// their day, as with DeleteVideo. The rows are gone when it returns,
	// and the files of Prefixes are left for the caller to delete.
	RemoveVideos(ctx context.Context, r Retention, after uuid.UUID) (Removed, error)
	// RemoveDeparted goes through the RetentionPage videos of DepartedUser that follow
	// after. It cancels those that run, as one that was retried does, and removes those
	// that have ended, hold no slot, are watched no more, and are counted in their daily
	// totals. The others are for another call. What it returns is as of RemoveVideos.
	RemoveDeparted(ctx context.Context, after uuid.UUID) (Removed, error)
	// HeyGenCopies goes through the RetentionPage videos that follow after and
	// returns those that were completed and checked longer than age ago, and whose
	// copy at HeyGen is not known to be deleted. next is as Removed.Next.
	HeyGenCopies(ctx context.Context, age time.Duration, after uuid.UUID) (list []HeyGenCopy, next uuid.UUID, err error)
	// HeyGenDeleted says that HeyGen has no copy of a video any more.
	HeyGenDeleted(ctx context.Context, video uuid.UUID) error
	// ForgetNotifications drops up to RetentionBatch that ended longer than age ago.
	ForgetNotifications(ctx context.Context, age time.Duration) (int, error)
	// ForgetActions drops up to RetentionBatch that were done longer than age ago.
	ForgetActions(ctx context.Context, age time.Duration) (int, error)
}
