package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/operate"
	"heyq/store"
	"heyq/wire"
)

// Tasks run work in the background that callers start. *operate.Background is one.
type Tasks interface {
	Start(ctx context.Context, t store.Task, work func(context.Context) (any, error)) (store.Task, error)
	Get(ctx context.Context, w store.Viewer, id uuid.UUID) (store.Task, error)
	List(ctx context.Context, w store.Viewer) ([]store.Task, error)
}

var _ Tasks = (*operate.Background)(nil)

func tasksOp() huma.Operation {
	return huma.Operation{
		OperationID: "list-tasks",
		Tags:        []string{tasksTag},
		Summary:     "List tasks",
		Description: "Work in the background that you have started, newest first, a hundred at most; who sees the videos of all users sees the tasks of all. They are kept for a week.",
		Responses:   map[string]*huma.Response{"200": answers("The tasks", wire.TaskList{Tasks: []wire.Task{taskExample()}})},
		Errors:      []int{http.StatusServiceUnavailable},
	}
}

func taskOp() huma.Operation {
	return huma.Operation{
		OperationID: "get-task",
		Tags:        []string{tasksTag},
		Summary:     "Get a task",
		Description: "What came of work in the background. One whose process has died is `failed` within half a minute.",
		Responses:   map[string]*huma.Response{"200": answers("The task", taskExample())},
		Errors:      []int{http.StatusNotFound, http.StatusServiceUnavailable},
	}
}

type taskListOutput struct{ Body wire.TaskList }

func (s *server) listTasks(ctx context.Context, _ *struct{}) (*taskListOutput, error) {
	list, err := s.tasks.List(ctx, viewerOf(ctx))
	shown := make([]wire.Task, len(list))
	for i, t := range list {
		shown[i] = showTask(t)
	}
	return &taskListOutput{wire.TaskList{Tasks: shown}}, err
}

type taskInput struct {
	ID string `path:"id" doc:"The task's id, a UUID"`
}

type taskOutput struct{ Body wire.Task }

func (s *server) getTask(ctx context.Context, in *taskInput) (*taskOutput, error) {
	id, err := uuid.Parse(in.ID)
	if err != nil || len(in.ID) != len(uuid.Nil.String()) {
		return nil, fault.New(fault.NotFound, "there is no task %.100q", in.ID).WithAdvice(fault.ListTasks, "")
	}
	t, err := s.tasks.Get(ctx, viewerOf(ctx), id)
	if err != nil {
		return nil, err
	}
	return &taskOutput{showTask(t)}, nil
}

// inBackground answers a request with the task that does it: kind is the operation, and
// about what it is done to.
func (s *server) inBackground(ctx context.Context, kind, about string, work func(context.Context) (any, error)) (*reply, error) {
	t, err := s.tasks.Start(ctx, store.Task{UserID: callerOf(ctx).User, By: actorOf(ctx), Kind: kind, About: about}, work)
	if err != nil {
		return nil, err
	}
	return newReply(http.StatusAccepted, "/v1/tasks/"+t.ID.String(), wire.StartedTask{TaskID: t.ID.String(), Status: t.Status})
}

func showTask(t store.Task) wire.Task {
	shown := wire.Task{
		ID: t.ID.String(), UserID: t.UserID, StartedBy: t.By.Who, Kind: t.Kind, About: t.About, Status: t.Status, Result: t.Result,
		StartedAt: t.StartedAt.UTC(), EndedAt: timeOrNull(t.EndedAt),
	}
	if t.Error != "" {
		shown.Error = &t.Error
	}
	return shown
}

func taskExample() wire.Task {
	return showTask(store.Task{
		ID: exampleID, UserID: store.DefaultUser, By: store.Actor{Who: "operator"}, Kind: verifyKind, About: exampleID.String(), Status: store.TaskSucceeded,
		Result:    json.RawMessage(`{"id":"` + exampleID.String() + `","whole":true,"message":"the file is whole"}`),
		StartedAt: exampleAt, EndedAt: exampleAt.Add(3 * time.Second),
	})
}
