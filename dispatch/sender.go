package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"heyq/jobs"
	"heyq/store"
)

// Sender enqueues the tasks of claims. It is safe for concurrent use.
type Sender struct {
	redis  redis.UniversalClient
	client *asynq.Client
	store  interface {
		Unclaim(ctx context.Context, claims []store.Claim) error
	}
}

// NewSender returns a sender on a Redis client that the caller closes.
func NewSender(r redis.UniversalClient, s store.Store) *Sender {
	return &Sender{redis: r, client: asynq.NewClientFromRedisClient(r), store: s}
}

// Send enqueues the tasks of a step for claims. Claims that could not be
// enqueued are due again in a second.
func (s *Sender) Send(ctx context.Context, step store.Step, claims []store.Claim) error {
	return send(ctx, s, jobs.StepKinds[step], claims, newVideoTask, s.store.Unclaim)
}

// SendAnalyses enqueues the analyses of claims. Those that could not be
// enqueued are due again HEYQ_REDISPATCH after they were claimed: no client
// waits for them.
func (s *Sender) SendAnalyses(ctx context.Context, claims []store.Claim) error {
	return send(ctx, s, jobs.VideoAnalyze, claims, newVideoTask, leave)
}

// SendNotifications enqueues the deliveries of claims. Those that could not be
// enqueued are due again at redispatch.
func (s *Sender) SendNotifications(ctx context.Context, claims []store.NotificationClaim) error {
	return send(ctx, s, jobs.NotifyDeliver, claims,
		func(group []store.NotificationClaim) jobs.NotifyTask { return jobs.NotifyTask{Notifications: group} }, leave)
}

func newVideoTask(group []store.Claim) jobs.VideoTask { return jobs.VideoTask{Videos: group} }

// leave is for claims that are not given back: they are due again
// HEYQ_REDISPATCH after they were claimed.
func leave[C any](context.Context, []C) error { return nil }

// payload is a task's, which names the task.
type payload interface {
	Validate() error
	ID(kind string) string
}

// send makes tasks of groups of claims.
func send[A payload, C any](ctx context.Context, s *Sender, kind jobs.Kind[A], claims []C, task func([]C) A,
	giveBack func(context.Context, []C) error,
) error {
	sent := 0
	for group := range slices.Chunk(claims, groupSize(kind, len(claims))) {
		if err := enqueue(ctx, s, kind, task(group), header(group)); err != nil {
			// The caller may be shutting down; its claims must not wait for that.
			return errors.Join(err, giveBack(context.WithoutCancel(ctx), claims[sent:]))
		}
		sent += len(group)
	}
	return nil
}

func enqueue[A payload](ctx context.Context, s *Sender, kind jobs.Kind[A], task A, header map[string]string) error {
	t, err := newTask(kind, task, header, asynq.TaskID(task.ID(kind.Name)))
	if err != nil {
		return err
	}
	// A conflict is a success whose answer was lost: the name is this claim's own.
	if _, err := s.client.EnqueueContext(ctx, t); err != nil && !errors.Is(err, asynq.ErrTaskIDConflict) {
		return fmt.Errorf("enqueue %s: %w", kind.Name, err)
	}
	return nil
}
