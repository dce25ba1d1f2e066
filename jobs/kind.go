package jobs

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Kind is a kind of task whose payload is an A. Each has a file of its own in
// handlers; here the scheduled ones stand together, in schedule.go.
type Kind[A interface{ Validate() error }] struct {
	Name  string
	Queue Queue
	// Timeout is when asynq gives the task up, waiting for places included. The
	// bounds of a step are much shorter (handlers.Bounds), and so is the lease in
	// the row; this only ends a handler that hangs.
	Timeout time.Duration
	// Group is how many videos a task carries at most, when much is due.
	Group int
	// Retries are asynq's own. They serve a task whose row could not be
	// reached. Every other failure is written to the row, and the row is
	// dispatched again.
	Retries int
}

// ErrPayload is in the chain of every error of Decode: no retry will mend it.
var ErrPayload = errors.New("unusable payload")

// Decode reads a payload. Fields that it does not know are ignored: a newer
// heyq may have sent them.
func (k Kind[A]) Decode(payload []byte) (args A, err error) {
	if err := json.Unmarshal(payload, &args); err != nil {
		return args, fmt.Errorf("%s: %w: %w", k.Name, ErrPayload, err)
	}
	if err := args.Validate(); err != nil {
		return args, fmt.Errorf("%s: %w: %w", k.Name, ErrPayload, err)
	}
	return args, nil
}

// Kinds lists the names of all kinds of tasks, with the scheduled jobs.
var Kinds = append([]string{
	VideoCreate.Name,
	VideoPoll.Name,
	VideoDownload.Name,
	VideoAnalyze.Name,
	NotifyDeliver.Name,
}, ScheduledNames()...)
