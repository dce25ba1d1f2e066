package main

import (
	"context"

	"github.com/spf13/cobra"

	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
	"heyq/internal/fault"
	"heyq/wire"
)

func (p *program) log() *cobra.Command {
	c := asGroup(&cobra.Command{
		Use:   "log",
		Short: "See and change what a running heyq logs",
		Long:  `See and change what a running heyq writes to its log.`,
	})
	c.AddCommand(p.logLevel())
	return c
}

func (p *program) logLevel() *cobra.Command {
	c := &cobra.Command{
		Use:   "level [LEVEL]",
		Short: "Show the log level, or change it",
		Long: `Show the least that the heyq at HEYQ_URL logs, or change it: trace, debug, info,
warn or error, or configured for what HEYQ_LOG_LEVEL says.

A process without an API, such as a worker, has its level changed by SIGUSR1: it
turns debug on, and off again.`,
		Example: `  heyq log level
  heyq log level debug --for 10m
  heyq log level configured`,
		Args:              wants(0, 1, "at most one level"),
		ValidArgsFunction: cobra.FixedCompletions([]string{"trace", "debug", "info", "warn", "error", "configured"}, cobra.ShellCompDirectiveNoFileComp),
	}
	back := c.Flags().Duration("for", 0, "go back to what is configured after so long, such as 10m (default: never)")
	return asking(p, c, func(ctx context.Context, client *client.Client, args []string) (wire.Log, error) {
		if len(args) == 0 && *back != 0 {
			return wire.Log{}, fault.New(fault.Malformed, "--for is for a change").WithHint("name a level, such as debug")
		}
		if len(args) == 0 {
			return client.Server.Log(ctx)
		}
		change := wire.LogRequest{Level: args[0]}
		if *back != 0 {
			change.For = back.String()
		}
		return client.Server.ChangeLog(ctx, change)
	}, p.showLog)
}

func (p *program) showLog(l wire.Log) {
	pairs := [][2]string{{"level", screen.Bold(l.Level)}, {"configured", l.Configured}}
	if l.Until != nil {
		pairs = append(pairs, [2]string{"until", clock(*l.Until)})
	}
	p.screen.Pairs(pairs...)
}
