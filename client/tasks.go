package client

import (
	"context"

	"heyq/wire"
)

// Tasks are work in the background that callers have started.
type Tasks service

// List lists the tasks that the caller sees, newest first, a hundred at most.
func (s *Tasks) List(ctx context.Context) ([]wire.Task, error) {
	answer, err := call[wire.TaskList](ctx, s.c, get("/v1/tasks"))
	return answer.Tasks, err
}

// Get returns one task.
func (s *Tasks) Get(ctx context.Context, id string) (wire.Task, error) {
	return call[wire.Task](ctx, s.c, get(at("/v1/tasks/{}", id)))
}
