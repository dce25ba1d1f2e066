package handlers

import (
	"context"
	"fmt"
	"strings"
	"time"

	"heyq/jobs"
)

// Bounds are how long an attempt at a step of a video may take, from when it has
// its place, and how many attempts there are.
type Bounds struct {
	Timeout  time.Duration // 0: its calls have theirs
	Attempts int           // 0: it is never given up
}

// DefaultBounds is the table of what holds if Options do not say otherwise.
var DefaultBounds = map[jobs.Queue]Bounds{
	jobs.CreateQueue:    {Attempts: 8},                      // unclear answers, in two minutes; then heyq searches instead of sending
	jobs.PollQueue:      {Timeout: time.Minute},             // ends by the render's own deadlines
	jobs.DownloadQueue:  {Timeout: time.Hour, Attempts: 18}, // with their waits an hour and a half; a retry pays nothing
	jobs.AnalyticsQueue: {Timeout: time.Minute, Attempts: 5},
}

// bounds are those of a queue's step.
func (h *Handlers) bounds(queue jobs.Queue) Bounds {
	b, set := DefaultBounds[queue], h.Bounds[queue]
	if set.Timeout > 0 {
		b.Timeout = set.Timeout
	}
	if set.Attempts > 0 {
		b.Attempts = set.Attempts
	}
	return b
}

// within returns ctx with the time that one attempt at a queue's step may take.
func (h *Handlers) within(ctx context.Context, queue jobs.Queue) (context.Context, context.CancelFunc) {
	if b := h.bounds(queue); b.Timeout > 0 {
		return context.WithTimeout(ctx, b.Timeout)
	}
	return ctx, func() {}
}

// tooLong says that the time of an attempt was up, if that is why it failed with err.
func (h *Handlers) tooLong(attempt context.Context, queue jobs.Queue, err error) error {
	if attempt.Err() != context.DeadlineExceeded {
		return err
	}
	return fmt.Errorf("it was not done within %s (HEYQ_%s_TIMEOUT): %w", h.bounds(queue).Timeout, strings.ToUpper(string(queue)), err)
}
