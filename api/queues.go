package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyq/jobs"
	"heyq/store"
)

// Queues shows the queues, and pauses and resumes them. *jobs.Switchboard does.
type Queues interface {
	Overview(ctx context.Context) (jobs.Overview, error)
	Pause(ctx context.Context, queue jobs.Queue) (jobs.Switched, error)
	Resume(ctx context.Context, queue jobs.Queue) (jobs.Switched, error)
}

func queuesOp() huma.Operation {
	return huma.Operation{
		OperationID: "list-queues",
		Tags:        []string{queuesTag},
		Summary:     "List queues",
		Description: "What there is to do in each queue, and the gate before HeyGen. `tasks` are in Redis, and `null` while it is away; " +
			"`store` is what the rows say, and `null` for `maintenance` and `watch`, whose jobs are no rows. `rate` is what was finished in the last minute: " +
			"videos that left their step, notifications that ended, scheduled jobs that ran.",
		Responses: map[string]*huma.Response{"200": answerOf("The queues as they are now", queueListExample())},
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
		Responses: map[string]*huma.Response{"200": answerOf("The queue as it is now", changedQueueExample())},
		Errors:    []int{http.StatusNotFound, http.StatusServiceUnavailable},
	}
}

func resumeQueueOp() huma.Operation {
	return huma.Operation{
		OperationID: "resume-queue",
		Tags:        []string{queuesTag},
		Summary:     "Resume a queue",
		Description: "Undoes a pause. Resuming `create` opens admission only where pausing it closed it: an account that HeyGen has stopped stays stopped.",
		Responses:   map[string]*huma.Response{"200": answerOf("The queue as it is now", changedQueueExample())},
		Errors:      []int{http.StatusNotFound, http.StatusServiceUnavailable},
	}
}

// QueueList is all queues at one look.
type QueueList struct {
	Admission Admission   `json:"admission"`
	Slots     QueueSlots  `json:"slots"`
	Queues    []QueueLine `json:"queues"`
	Redis     string      `json:"redis" doc:"Why Redis could not be asked; empty: it was"`
}

// QueueSlots are the render slots at HeyGen.
type QueueSlots struct {
	Held  int `json:"held" example:"7"`
	Limit int `json:"limit" example:"10"`
}

// QueueLine is one queue.
type QueueLine struct {
	Queue  jobs.Queue  `json:"queue" example:"create"`
	Paused bool        `json:"paused"`
	Tasks  *QueueTasks `json:"tasks" doc:"What Redis has of it; null while Redis is away"`
	Store  *QueueRows  `json:"store" doc:"What the store has to do in it; null where its jobs are no rows"`
	Rate   int         `json:"rate" doc:"Finished in the last minute"`
}

// QueueTasks are the tasks in Redis, by their state.
type QueueTasks struct {
	Pending   int `json:"pending"`
	Active    int `json:"active"`
	Retry     int `json:"retry"`
	Scheduled int `json:"scheduled"`
	Archived  int `json:"archived"`
}

// QueueRows is what the store has to do.
type QueueRows struct {
	Waiting       int     `json:"waiting" doc:"Nobody is at them; in create, those that wait for a render slot as well"`
	Running       int     `json:"running" doc:"A worker is at them"`
	Overdue       int     `json:"overdue" doc:"Due, and not dispatched"`
	OldestSeconds float64 `json:"oldest_seconds" doc:"Since the oldest of them came into its state"`
	LagSeconds    float64 `json:"lag_seconds" doc:"Since the longest overdue one was due"`
}

// ChangedQueue is a queue after a pause or a resumption.
type ChangedQueue struct {
	QueueLine
	Admission Admission `json:"admission"`
	Message   string    `json:"message" doc:"What was done, for people"`
}

type queueInput struct {
	Queue string `path:"queue" example:"create" doc:"create, poll, download, analytics, notify, maintenance or watch"`
}

type queuesOutput struct{ Body QueueList }

type changedQueueOutput struct{ Body ChangedQueue }

func (s *server) listQueues(ctx context.Context, _ *struct{}) (*queuesOutput, error) {
	o, err := s.queues.Overview(ctx)
	if err != nil {
		return nil, err
	}
	list := QueueList{
		Admission: showGate(o.Admission), Slots: QueueSlots{o.SlotsHeld, o.Slots},
		Queues: make([]QueueLine, len(o.Lines)),
	}
	if o.Redis != nil {
		list.Redis = o.Redis.Error()
	}
	for i, line := range o.Lines {
		list.Queues[i] = showLine(line)
	}
	return &queuesOutput{list}, nil
}

func (s *server) pauseQueue(ctx context.Context, in *queueInput) (*changedQueueOutput, error) {
	return showSwitched(s.queues.Pause(ctx, jobs.Queue(in.Queue)))
}

func (s *server) resumeQueue(ctx context.Context, in *queueInput) (*changedQueueOutput, error) {
	return showSwitched(s.queues.Resume(ctx, jobs.Queue(in.Queue)))
}

func showSwitched(s jobs.Switched, err error) (*changedQueueOutput, error) {
	if err != nil {
		return nil, err
	}
	return &changedQueueOutput{ChangedQueue{showLine(s.Line), showGate(s.Admission), s.Message}}, nil
}

func showLine(l jobs.Line) QueueLine {
	shown := QueueLine{Queue: l.Queue, Paused: l.Paused, Rate: l.Rate}
	if l.Tasks != nil {
		tasks := QueueTasks(*l.Tasks)
		shown.Tasks = &tasks
	}
	if r := l.Stored; r != nil {
		shown.Store = &QueueRows{r.Waiting, r.Running, r.Overdue, seconds(r.Oldest), seconds(r.Lag)}
	}
	return shown
}

// seconds are to the millisecond.
func seconds(d time.Duration) float64 { return d.Round(time.Millisecond).Seconds() }

func queueListExample() QueueList {
	line := changedQueueExample().QueueLine
	line.Paused = false
	return QueueList{
		Admission: Admission{State: store.Open}, Slots: QueueSlots{7, 10},
		Queues: []QueueLine{line, {Queue: jobs.MaintenanceQueue, Tasks: &QueueTasks{Scheduled: 1}, Rate: 1}},
	}
}

func changedQueueExample() ChangedQueue {
	return ChangedQueue{
		QueueLine: QueueLine{
			Queue: jobs.CreateQueue, Paused: true, Tasks: &QueueTasks{Pending: 2, Active: 1},
			Store: &QueueRows{Waiting: 1200, Running: 3, OldestSeconds: 341.25}, Rate: 60,
		},
		Admission: Admission{State: store.Paused, Reason: store.QueueReason},
		Message:   "create is paused, and admission closed: nothing new is sent to HeyGen, and what was sent goes on",
	}
}
