package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyq/jobs"
	"heyq/operate"
	"heyq/store"
	"heyq/wire"
)

// Queues shows the queues, and pauses and resumes them. *operate.Queues does.
type Queues interface {
	Overview(ctx context.Context) (operate.Overview, error)
	Pause(ctx context.Context, queue jobs.Queue) (operate.Switched, error)
	Resume(ctx context.Context, queue jobs.Queue) (operate.Switched, error)
}

func queuesOp() huma.Operation {
	return huma.Operation{
		OperationID: "list-queues",
		Tags:        []string{queuesTag},
		Summary:     "List queues",
		Description: "What there is to do in each queue, and the gate before HeyGen. `tasks` are in Redis, and `null` while it is away; " +
			"`store` is what the rows say, and `null` for `maintenance` and `watch`, whose jobs are no rows. `rate` is what was finished in the last minute: " +
			"videos that left their step, notifications that ended, scheduled jobs that ran.",
		Responses: map[string]*huma.Response{"200": answers("The queues as they are now", queueListExample())},
		Errors:    []int{http.StatusServiceUnavailable},
	}
}

func pauseQueueOp() huma.Operation {
	return huma.Operation{
		OperationID: "pause-queue",
		Tags:        []string{queuesTag},
		Summary:     "Pause a queue",
		Description: "Workers fetch nothing more from it, and finish what they have. Pausing `create` closes admission as well, so that nothing new " +
			"is sent to HeyGen from the answer on. Where Redis or the database is away, the 503 says what was done and what was not.",
		Responses: map[string]*huma.Response{"200": answers("The queue as it is now", changedQueueExample())},
		Errors:    []int{http.StatusNotFound, http.StatusServiceUnavailable},
	}
}

func resumeQueueOp() huma.Operation {
	return huma.Operation{
		OperationID: "resume-queue",
		Tags:        []string{queuesTag},
		Summary:     "Resume a queue",
		Description: "Undoes a pause. Resuming `create` opens admission only where pausing it closed it: an account that HeyGen has stopped stays stopped.",
		Responses:   map[string]*huma.Response{"200": answers("The queue as it is now", changedQueueExample())},
		Errors:      []int{http.StatusNotFound, http.StatusServiceUnavailable},
	}
}

type queueInput struct {
	Queue string `path:"queue" example:"create" doc:"create, poll, download, analytics, notify, maintenance or watch"`
}

type queuesOutput struct{ Body wire.QueueList }

type changedQueueOutput struct{ Body wire.ChangedQueue }

func (s *server) listQueues(ctx context.Context, _ *struct{}) (*queuesOutput, error) {
	o, err := s.queues.Overview(ctx)
	if err != nil {
		return nil, err
	}
	list := wire.QueueList{
		Admission: showGate(o.Admission), Slots: wire.QueueSlots{Held: o.SlotsHeld, Limit: o.Slots},
		Queues: make([]wire.Queue, len(o.Lines)),
	}
	if o.Redis != nil {
		list.Redis = o.Redis.Error()
	}
	for i, line := range o.Lines {
		list.Queues[i] = showQueue(line)
	}
	return &queuesOutput{list}, nil
}

func (s *server) pauseQueue(ctx context.Context, in *queueInput) (*changedQueueOutput, error) {
	return showSwitched(s.queues.Pause(ctx, jobs.Queue(in.Queue)))
}

func (s *server) resumeQueue(ctx context.Context, in *queueInput) (*changedQueueOutput, error) {
	return showSwitched(s.queues.Resume(ctx, jobs.Queue(in.Queue)))
}

func showSwitched(s operate.Switched, err error) (*changedQueueOutput, error) {
	if err != nil {
		return nil, err
	}
	return &changedQueueOutput{wire.ChangedQueue{Queue: showQueue(s.Line), Admission: showGate(s.Admission), Message: s.Message}}, nil
}

func showQueue(l operate.Line) wire.Queue {
	shown := wire.Queue{Queue: string(l.Queue), Paused: l.Paused, Rate: l.Rate}
	if l.Tasks != nil {
		tasks := wire.QueueTasks(*l.Tasks)
		shown.Tasks = &tasks
	}
	if r := l.Stored; r != nil {
		shown.Store = &wire.QueueRows{
			Waiting: r.Waiting, Running: r.Running, Overdue: r.Overdue, OldestSeconds: seconds(r.Oldest), LagSeconds: seconds(r.Lag),
		}
	}
	return shown
}

// seconds are to the millisecond.
func seconds(d time.Duration) float64 { return d.Round(time.Millisecond).Seconds() }

func queueListExample() wire.QueueList {
	create := changedQueueExample().Queue
	create.Paused = false
	return wire.QueueList{
		Admission: wire.Admission{State: store.Open}, Slots: wire.QueueSlots{Held: 7, Limit: 10},
		Queues: []wire.Queue{create, {Queue: string(jobs.MaintenanceQueue), Tasks: &wire.QueueTasks{Scheduled: 1}, Rate: 1}},
	}
}

func changedQueueExample() wire.ChangedQueue {
	return wire.ChangedQueue{
		Queue: wire.Queue{
			Queue: string(jobs.CreateQueue), Paused: true, Tasks: &wire.QueueTasks{Pending: 2, Active: 1},
			Store: &wire.QueueRows{Waiting: 1200, Running: 3, OldestSeconds: 341.25}, Rate: 60,
		},
		Admission: wire.Admission{State: store.Paused, Reason: store.QueueReason},
		Message:   "create is paused, and admission closed: nothing new is sent to HeyGen, and what was sent goes on",
	}
}
