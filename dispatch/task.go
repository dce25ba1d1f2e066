package dispatch

import (
	"encoding/json"
	"fmt"

	"github.com/hibiken/asynq"

	"heyq/internal/trace"
	"heyq/jobs"
	"heyq/store"
)

// NewTask encodes args as a task of their kind. The task is not sent.
func NewTask[A interface{ Validate() error }](k jobs.Kind[A], args A, options ...asynq.Option) (*asynq.Task, error) {
	return newTask(k, args, nil, options...)
}

func newTask[A interface{ Validate() error }](k jobs.Kind[A], args A, header map[string]string, options ...asynq.Option) (*asynq.Task, error) {
	payload, err := json.Marshal(args)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", k.Name, err)
	}
	options = append([]asynq.Option{
		asynq.Queue(string(k.Queue)), asynq.Timeout(k.Timeout), asynq.MaxRetry(k.Retries),
	}, options...)
	return asynq.NewTaskWithHeaders(k.Name, payload, header, options...), nil
}

// header is a task's header: the trace of its video, if it has one video. In a group
// each video has its own trace, which Begin returns.
func header[C any](group []C) map[string]string {
	if len(group) != 1 {
		return nil
	}
	c, ok := any(group[0]).(store.Claim)
	if !ok || c.Trace == "" {
		return nil
	}
	return map[string]string{trace.Header: c.Trace}
}

// spread is how many videos of a short list become tasks of their own, so that several
// processes share them. A longer list has several videos in a task, which run side by
// side anyway.
const spread = 8

// groupSize is one when little is due, and grows with what is. A kind that makes one call
// for all videos of a task is never split into smaller groups.
func groupSize[A payload](kind jobs.Kind[A], due int) int {
	if kind.Queue == jobs.PollQueue || kind.Queue == jobs.AnalyticsQueue {
		return kind.Group
	}
	return min(max((due+spread-1)/spread, 1), kind.Group)
}
