package main

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"

	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
	"heyq/store"
	"heyq/wire"
)

func (p *program) tasks() *cobra.Command {
	c := asGroup(&cobra.Command{
		Use:   "tasks",
		Short: "See what became of work that was started in the background",
		Long: `See what became of work that was started in the background, such as by
"heyq videos verify --background". Tasks are kept for a week.`,
	})
	c.AddCommand(p.tasksList(), p.tasksGet())
	return c
}

func (p *program) tasksList() *cobra.Command {
	c := &cobra.Command{Use: "list", Short: "List tasks, newest first", Args: wantsNone}
	return asking(p, c, func(ctx context.Context, client *client.Client, _ []string) ([]wire.Task, error) {
		return client.Tasks.List(ctx)
	}, p.showTasks)
}

func (p *program) tasksGet() *cobra.Command {
	c := &cobra.Command{Use: "get ID", Short: "Show one task", Args: wants(1, 1, "one id")}
	return asking(p, c, func(ctx context.Context, client *client.Client, args []string) (wire.Task, error) {
		return client.Tasks.Get(ctx, args[0])
	}, func(t wire.Task) {
		pairs := [][2]string{
			{"id", screen.Bold(t.ID)},
			{"kind", t.Kind},
			{"about", t.About},
			{"status", taskStatus(t.Status)},
			{"started", clock(t.StartedAt) + " by " + t.StartedBy},
		}
		if t.EndedAt != nil {
			pairs = append(pairs, [2]string{"ended", clock(*t.EndedAt)})
		}
		if t.Error != nil {
			pairs = append(pairs, [2]string{"error", *t.Error})
		}
		if t.Status == store.TaskSucceeded {
			pairs = append(pairs, [2]string{"result", string(t.Result)})
		}
		p.screen.Pairs(pairs...)
	})
}

func (p *program) showTasks(list []wire.Task) {
	if len(list) == 0 {
		p.screen.Println("nothing was started in the background within a week")
		return
	}
	t := screen.Table{Headings: []string{"id", "kind", "about", "status", "started", "error"}}
	for _, task := range list {
		t.Rows = append(t.Rows, []string{
			task.ID, task.Kind, task.About, taskStatus(task.Status), clock(task.StartedAt), cmp.Or(orZero(task.Error), screen.Dim("none")),
		})
	}
	p.screen.Table(t)
}

func taskStatus(s store.TaskStatus) string {
	switch s {
	case store.TaskFailed:
		return screen.Bad(string(s))
	case store.TaskSucceeded:
		return screen.Good(string(s))
	}
	return string(s)
}
