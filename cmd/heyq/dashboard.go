package main

import (
	"github.com/spf13/cobra"

	"heyq/app"
	"heyq/config"
	"heyq/internal/fault"
)

func (p *program) dashboard() *cobra.Command {
	s := &serving{
		program: p, name: "dashboard", roles: []app.Role{app.Dashboard},
		addrVariable: "HEYQ_DASHBOARD_ADDR", refuse: refuseNoQueues,
	}
	c := &cobra.Command{
		Use:   "dashboard",
		Short: "Serve the pages that show the queues",
		Long: `Serve the pages that show the queues, in a process of their own.

They are asynqmon's, at /monitoring: tasks by state, pauses, servers, Redis. heyq
api and heyq up serve the same pages beside the API. Log in with the operator
token. With DATABASE_URL a task in asynq's archive can be run again there: the
videos that it was for are queued again, and nothing is paid for twice.`,
		Example: `  heyq dashboard
  heyq dashboard --addr :8081 --read-only`,
		Args: wantsNone,
	}
	c.Flags().StringVar(&s.addr, "addr", "", "where to listen (HEYQ_DASHBOARD_ADDR; default 127.0.0.1:8081)")
	c.Flags().StringVar(&s.dir, "dir", "", "folder where a heyq on this machine keeps its operator token (HEYQ_DIR; default ./heyq-data)")
	c.Flags().BoolVar(&s.readOnly, "read-only", false, "only show (HEYQ_DASHBOARD_READ_ONLY)")
	c.RunE = func(c *cobra.Command, _ []string) error { return s.run(c.Context()) }
	return c
}

// refuseNoQueues keeps a dashboard from showing a Redis of its own, which would
// be empty for ever.
func refuseNoQueues(c config.Config) error {
	if c.Redis.URL.IsSet() {
		return nil
	}
	return fault.New(fault.Invalid, "a dashboard needs the Redis whose queues it is to show").
		WithField("REDIS_URL", nil, "is not set; write redis://:password@host:6379/0").
		WithHint("set it; a `heyq up` without one shows its queues itself, at /monitoring beside its API")
}
