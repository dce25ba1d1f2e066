package client

import (
	"context"

	"heyq/wire"
)

// Queues are the queues that workers fetch from.
type Queues service

// List looks at all queues.
func (s *Queues) List(ctx context.Context) (wire.QueueList, error) {
	return call[wire.QueueList](ctx, s.c, get("/v1/queues"))
}

// Pause keeps workers from fetching from a queue.
func (s *Queues) Pause(ctx context.Context, queue string) (wire.ChangedQueue, error) {
	return call[wire.ChangedQueue](ctx, s.c, post(at("/v1/queues/{}/pause", queue), nil))
}

// Resume undoes Pause.
func (s *Queues) Resume(ctx context.Context, queue string) (wire.ChangedQueue, error) {
	return call[wire.ChangedQueue](ctx, s.c, post(at("/v1/queues/{}/resume", queue), nil))
}

// Admission is the gate before HeyGen.
type Admission service

// Get returns the gate as it stands.
func (s *Admission) Get(ctx context.Context) (wire.Admission, error) {
	return call[wire.Admission](ctx, s.c, get("/v1/admission"))
}

// Pause closes the gate until it is resumed.
func (s *Admission) Pause(ctx context.Context) (wire.Admission, error) {
	return call[wire.Admission](ctx, s.c, post("/v1/admission/pause", nil))
}

// Resume opens the gate, whatever closed it.
func (s *Admission) Resume(ctx context.Context) (wire.Admission, error) {
	return call[wire.Admission](ctx, s.c, post("/v1/admission/resume", nil))
}
