package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"
)

// between is the time between two looks at the database: a look must not cost
// what shows in the figures.
const between = 500 * time.Millisecond

// finished waits until no video is open and each completed one is measured. It
// begins with the newest videos, which are the last to finish, and so reads one
// row of them until the very end, however many there are.
func (s *stack) finished(ctx context.Context) error {
	return s.until(ctx, `
		SELECT (SELECT id FROM videos WHERE state NOT IN ('completed', 'failed', 'cancelled') ORDER BY id DESC LIMIT 1) IS NULL
		   AND NOT EXISTS (SELECT FROM video_analytics WHERE due_at IS NOT NULL)`)
}

// completed returns a step that waits until n videos are completed.
func (s *stack) completed(n int) func(context.Context) error {
	return func(ctx context.Context) error {
		return s.until(ctx, `SELECT count(*) >= $1 FROM video_analytics`, n) // each has a row there
	}
}

// until waits for a query to return true.
func (s *stack) until(ctx context.Context, query string, args ...any) error {
	tick := time.NewTicker(between)
	defer tick.Stop()
	for {
		var done bool
		if err := s.db.QueryRow(ctx, query, args...).Scan(&done); err != nil {
			return fmt.Errorf("look at the videos: %w", err)
		}
		if done {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// lastCompleted is when the newest completed video was; the looks are too far
// apart to tell. Database and benchmark have the same clock.
func (s *stack) lastCompleted(ctx context.Context) (at time.Time, err error) {
	err = s.db.QueryRow(ctx, `SELECT max(completed_at) FROM videos`).Scan(&at)
	return at, err
}

// outcome is what became of all videos, the warm-up included.
type outcome struct {
	states map[string]int
	bytes  int64 // of the files, as the rows tell
	files  int   // published, as the disk tells
}

func (s *stack) outcome(ctx context.Context) (outcome, error) {
	o := outcome{states: map[string]int{}}
	rows, err := s.db.Query(ctx, `SELECT state, count(*), coalesce(sum((file->>'bytes')::bigint), 0)::bigint FROM videos GROUP BY state`)
	if err != nil {
		return o, err
	}
	defer rows.Close()
	for rows.Next() {
		var state string
		var n int
		var bytes int64
		if err := rows.Scan(&state, &n, &bytes); err != nil {
			return o, err
		}
		o.states[state] = n
		o.bytes += bytes
	}
	if err := rows.Err(); err != nil {
		return o, err
	}
	files, err := filepath.Glob(filepath.Join(s.mediaDir(), "videos", "*", "*", "video.mp4"))
	o.files = len(files)
	return o, err
}
