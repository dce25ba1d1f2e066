package main

import (
	"github.com/spf13/cobra"

	"heyq/app"
)

func (p *program) worker() *cobra.Command {
	s := &serving{program: p, roles: []app.Role{app.Worker}}
	return s.command(&cobra.Command{
		Use:   "worker",
		Short: "Make the videos: dispatch, and do the tasks of all queues",
		Long: `Make the videos: dispatch, and do the tasks of all queues.

This is one of the roles of a production set-up: any number of processes, which
share the Postgres at DATABASE_URL and the Redis at REDIS_URL.`,
	})
}
