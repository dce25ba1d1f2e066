package main

import (
	"github.com/spf13/cobra"

	"heyq/app"
)

func (p *program) api() *cobra.Command {
	s := &serving{program: p, roles: []app.Role{app.API}}
	return s.command(&cobra.Command{
		Use:   "api",
		Short: "Serve the HTTP API",
		Long: `Serve the HTTP API.

This is one of the roles of a production set-up: any number of processes, which
share the Postgres at DATABASE_URL and the Redis at REDIS_URL.`,
	})
}
