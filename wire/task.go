package wire

import (
	"encoding/json"
	"time"

	"heyq/store"
)

// StartedTask says that work has begun in the background.
type StartedTask struct {
	TaskID string           `json:"task_id" format:"uuid" example:"0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e" doc:"To be asked for at /v1/tasks"`
	Status store.TaskStatus `json:"status" enum:"started,succeeded,failed" example:"started"`
}

// Task is work in the background that a caller has started.
type Task struct {
	ID        string           `json:"id" format:"uuid" example:"0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e"`
	UserID    string           `json:"user_id" example:"default" doc:"Whose it is"`
	StartedBy string           `json:"started_by" example:"operator" doc:"Who started it"`
	Kind      string           `json:"kind" example:"verify-video" doc:"The operation"`
	About     string           `json:"about" example:"0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e" doc:"What it is done to, such as a video's id"`
	Status    store.TaskStatus `json:"status" enum:"started,succeeded,failed" example:"succeeded"`
	Result    json.RawMessage  `json:"result" doc:"What the operation answers when it is waited for; null until it has succeeded"`
	Error     *string          `json:"error" doc:"Why it failed; null unless it did"`
	StartedAt time.Time        `json:"started_at"`
	EndedAt   *time.Time       `json:"ended_at" doc:"null: it goes on"`
}

// TaskList lists tasks, newest first.
type TaskList struct {
	Tasks []Task `json:"tasks" nullable:"false"`
}
