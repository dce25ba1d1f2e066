package remote

import (
	"context"
	"net/http"
	"net/url"
)

// Queues is all queues at one look, and the gate before HeyGen.
type Queues struct {
	Admission Admission `json:"admission"`
	Slots     Slots     `json:"slots"`
	Queues    []Queue   `json:"queues"`
	Redis     string    `json:"redis"` // why Redis could not be asked; empty: it was
}

// Slots are the render slots at HeyGen.
type Slots struct {
	Held  int `json:"held"`
	Limit int `json:"limit"`
}

// Queue is one queue.
type Queue struct {
	Queue  string      `json:"queue"`
	Paused bool        `json:"paused"`
	Tasks  *QueueTasks `json:"tasks"` // nil while Redis is away
	Store  *QueueRows  `json:"store"` // nil where its jobs are no rows
	Rate   int         `json:"rate"`  // finished in the last minute
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
	Waiting       int     `json:"waiting"`
	Running       int     `json:"running"`
	Overdue       int     `json:"overdue"`
	OldestSeconds float64 `json:"oldest_seconds"`
	LagSeconds    float64 `json:"lag_seconds"`
}

// ChangedQueue is a queue after a pause or a resumption.
type ChangedQueue struct {
	Queue
	Admission Admission `json:"admission"`
	Message   string    `json:"message"`
}

// Queues looks at all queues.
func (c *Client) Queues(ctx context.Context) (Queues, error) {
	var q Queues
	err := c.call(ctx, request{method: http.MethodGet, path: "/v1/queues"}, &q)
	return q, err
}

// PauseQueue keeps workers from fetching from a queue.
func (c *Client) PauseQueue(ctx context.Context, name string) (ChangedQueue, error) {
	return c.turnQueue(ctx, name, "/pause")
}

// ResumeQueue undoes PauseQueue.
func (c *Client) ResumeQueue(ctx context.Context, name string) (ChangedQueue, error) {
	return c.turnQueue(ctx, name, "/resume")
}

func (c *Client) turnQueue(ctx context.Context, name, action string) (ChangedQueue, error) {
	var q ChangedQueue
	err := c.call(ctx, request{method: http.MethodPost, path: "/v1/queues/" + url.PathEscape(name) + action}, &q)
	return q, err
}
