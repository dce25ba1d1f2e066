package sql

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"heyq/store"
)

// taskLapsed is true of a task whose process has died.
const taskLapsed = `status = 'started' AND lease_until < {now}`

const taskColumns = `id, user_id, started_by, request_id, kind, about,
	CASE WHEN ` + taskLapsed + ` THEN 'failed' ELSE status END, result,
	CASE WHEN ` + taskLapsed + ` THEN '` + store.TaskLost + `' ELSE error END, started_at,
	CASE WHEN ` + taskLapsed + ` THEN lease_until ELSE ended_at END`

var (
	startTask = statement("start a task", `
		INSERT INTO tasks (id, user_id, started_by, request_id, kind, about, status, result, error, started_at, lease_until)
		VALUES (@id, @user, @who, @request, @kind, @about, 'started', '', '', {now}, {now} + {span @lease})`)
	renewTask = statement("renew a task", `UPDATE tasks SET lease_until = {now} + {span @lease} WHERE id = @id AND status = 'started'`)
	endTask   = statement("end a task", `
		UPDATE tasks SET status = @status, result = @result, error = @error, ended_at = {now} WHERE id = @id AND status = 'started'`)
	readTask    = statement("read a task", `SELECT `+taskColumns+` FROM tasks WHERE id = @id AND `+owned)
	listTasks   = statement("list tasks", `SELECT `+taskColumns+` FROM tasks WHERE `+owned+` ORDER BY id DESC LIMIT @most`)
	forgetTasks = statement("forget tasks", `
		DELETE FROM tasks WHERE started_at < {now} - {span @life} AND (status <> 'started' OR lease_until < {now})`)
)

func scanTask(row Row) (t store.Task, err error) {
	var result string
	err = row.Scan(&t.ID, &t.UserID, &t.By.Who, &t.By.RequestID, &t.Kind, &t.About, &t.Status, &result, &t.Error, asTime(&t.StartedAt), asTime(&t.EndedAt))
	if result != "" {
		t.Result = json.RawMessage(result)
	}
	return t, err
}

// StartTask inserts a task.
func (p *Protocol) StartTask(ctx context.Context, t store.Task) (store.Task, error) {
	args := seenBy(store.Everyone(), Args{
		"id": t.ID, "user": t.UserID, "who": t.By.Who, "request": t.By.RequestID, "kind": t.Kind, "about": t.About, "lease": store.TaskLease,
	})
	var started []store.Task
	err := p.db.Write(ctx, Step{Statement: startTask, Args: args}, rows(readTask, args, scanTask, &started))
	if err != nil {
		return store.Task{}, p.explain(err, "start a task")
	}
	return started[0], nil
}

// RenewTask begins the lease of a task anew.
func (p *Protocol) RenewTask(ctx context.Context, id uuid.UUID) error {
	return p.write(ctx, "renew a task", renewTask, Args{"id": id, "lease": store.TaskLease})
}

// EndTask writes what came of a task.
func (p *Protocol) EndTask(ctx context.Context, id uuid.UUID, result json.RawMessage, failure string) error {
	status := store.TaskSucceeded
	if failure != "" {
		status, result = store.TaskFailed, nil
	}
	return p.write(ctx, "end a task", endTask, Args{"id": id, "status": string(status), "result": string(result), "error": failure})
}

// Task returns one task of a viewer's.
func (p *Protocol) Task(ctx context.Context, w store.Viewer, id uuid.UUID) (store.Task, error) {
	list, err := collect(ctx, p.db.Read, readTask, seenBy(w, Args{"id": id}), scanTask)
	if err == nil && len(list) == 0 {
		err = store.ErrNoTask(id)
	}
	if err != nil {
		return store.Task{}, p.explain(err, "read a task")
	}
	return list[0], nil
}

// Tasks lists a viewer's tasks.
func (p *Protocol) Tasks(ctx context.Context, w store.Viewer) ([]store.Task, error) {
	list, err := collect(ctx, p.db.Read, listTasks, seenBy(w, Args{"most": store.MostTasks}), scanTask)
	return list, p.explain(err, "list tasks")
}

// ForgetTasks drops old tasks.
func (p *Protocol) ForgetTasks(ctx context.Context) (int, error) {
	n, err := exec(ctx, p.db.Write, forgetTasks, Args{"life": store.TaskLife})
	return n, p.explain(err, "forget tasks")
}
