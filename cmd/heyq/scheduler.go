package main

import (
	"github.com/spf13/cobra"

	"heyq/app"
)

func (p *program) scheduler() *cobra.Command {
	s := &serving{program: p, roles: []app.Role{app.Scheduler}}
	return s.command(&cobra.Command{
		Use:   "scheduler",
		Short: "Enqueue the scheduled jobs",
		Long: `Enqueue the scheduled jobs.

This is one of the roles of a production set-up: any number of processes, which
share the Postgres at DATABASE_URL and the Redis at REDIS_URL.`,
	})
}
