package wire

import (
	"time"

	"heyq/store"
)

// Admission is the gate before HeyGen.
type Admission struct {
	State  store.AdmissionState `json:"state" enum:"open,paused,stopped" example:"open"`
	Reason string               `json:"reason" doc:"Empty while it is open"`
	Until  *time.Time           `json:"until" doc:"null: until an operator resumes it or, of a stop, HeyGen takes a video again"`
}

// QueueList is all queues at one look.
type QueueList struct {
	Admission Admission  `json:"admission"`
	Slots     QueueSlots `json:"slots"`
	Queues    []Queue    `json:"queues"`
	Redis     string     `json:"redis" doc:"Why Redis could not be asked; empty: it was"`
}

// QueueSlots are the render slots at HeyGen.
type QueueSlots struct {
	Held  int `json:"held" example:"7"`
	Limit int `json:"limit" example:"10"`
}

// Queue is one queue.
type Queue struct {
	Queue  string      `json:"queue" example:"create"`
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
	Waiting       int     `json:"waiting" doc:"No worker is at them; in create, those that wait for a render slot as well"`
	Running       int     `json:"running" doc:"A worker is at them"`
	Overdue       int     `json:"overdue" doc:"Due, and not dispatched"`
	OldestSeconds float64 `json:"oldest_seconds" doc:"Since the oldest of them came into its state"`
	LagSeconds    float64 `json:"lag_seconds" doc:"Since the longest overdue one was due"`
}

// ChangedQueue is a queue after a pause or a resumption.
type ChangedQueue struct {
	Queue
	Admission Admission `json:"admission"`
	Message   string    `json:"message" doc:"What was done, for people"`
}
