package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
	"heyq/wire"
)

func (p *program) limits() *cobra.Command {
	c := asGroup(&cobra.Command{
		Use:   "limits",
		Short: "See and change how much a user may do within a time",
		Long: `See and change how much a user may do within a time.

USER is a user's id, or default for the holder of the operator token, who has no
limit unless one is set.`,
	})
	c.AddCommand(p.limitsGet(), p.limitsSet())
	return c
}

func (p *program) limitsGet() *cobra.Command {
	c := &cobra.Command{Use: "get USER", Short: "Show a user's limits", Args: wants(1, 1, "one user's id")}
	return asking(p, c, func(ctx context.Context, client *client.Client, args []string) (wire.Limits, error) {
		return client.Limits.Get(ctx, args[0])
	}, p.showLimits)
}

func (p *program) limitsSet() *cobra.Command {
	c := &cobra.Command{
		Use:   "set USER",
		Short: "Set a user's limits; what is not given is as for everybody",
		Long: `Set a user's limits. What is not given is as for everybody: 600 videos and 6,000 other
requests in 60 s.

A limit of 600/60s allows 600 at once after a quiet minute, and ten a second from then on.`,
		Example: `  heyq limits set 0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e --video-create 1200/60s
  heyq limits set 0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e`,
		Args: wants(1, 1, "one user's id"),
	}
	var create, read limitFlag
	c.Flags().Var(&create, "video-create", "videos that it creates or retries (default 600/60s)")
	c.Flags().Var(&read, "read", "all its other requests (default 6000/60s)")
	return asking(p, c, func(ctx context.Context, client *client.Client, args []string) (wire.Limits, error) {
		return client.Limits.Set(ctx, args[0], wire.LimitsChange{
			VideoCreate: given(c.Flags(), "video-create", (*wire.Limit)(&create)), Read: given(c.Flags(), "read", (*wire.Limit)(&read)),
		})
	}, p.showLimits)
}

func (p *program) showLimits(l wire.Limits) {
	shown := func(l *wire.Limit) string {
		if l == nil {
			return screen.Dim("no limit")
		}
		return fmt.Sprintf("%d in %d s", l.Amount, l.Seconds)
	}
	p.screen.Pairs([2]string{"user", l.UserID}, [2]string{"creates", shown(l.VideoCreate)}, [2]string{"other requests", shown(l.Read)})
}

// limitFlag is a flag for how many of something in a time: 600/60s, 600/m.
type limitFlag wire.Limit

// Set reads it.
func (l *limitFlag) Set(text string) error {
	number, span, _ := strings.Cut(text, "/")
	if span != "" && strings.Contains("smh", span[:1]) {
		span = "1" + span
	}
	amount, err := strconv.Atoi(number)
	period, wrong := time.ParseDuration(span)
	if err != nil || wrong != nil || period <= 0 || period%time.Second != 0 {
		return errors.New("it is no limit; give one such as 600/60s")
	}
	*l = limitFlag{Amount: amount, Seconds: int(period / time.Second)}
	return nil
}

// String writes it; empty: it was not given.
func (l *limitFlag) String() string {
	if *l == (limitFlag{}) {
		return ""
	}
	return fmt.Sprintf("%d/%ds", l.Amount, l.Seconds)
}

// Type is what the help calls its value.
func (l *limitFlag) Type() string { return "limit" }
