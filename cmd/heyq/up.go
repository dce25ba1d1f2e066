package main

import (
	"github.com/spf13/cobra"

	"heyq/app"
)

func (p *program) up() *cobra.Command {
	s := &serving{program: p, roles: []app.Role{app.API, app.Worker, app.Scheduler}, alone: true}
	return s.command(&cobra.Command{
		Use:   "up",
		Short: "Run everything in one process",
		Long: `Run everything in one process: API, worker and scheduler.

It uses DATABASE_URL and REDIS_URL where they are set, and SQLite in the data
folder and a Redis inside the process where they are not; HeyGen where
HEYGEN_API_KEY is set, and a simulator that costs nothing where it is not. It
may be killed at any moment: started again, it goes on where it was.`,
		Example: `  heyq up
  heyq up --dir /srv/heyq --addr :8080`,
	})
}
