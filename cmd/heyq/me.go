package main

import (
	"context"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
	"heyq/wire"
)

func (p *program) me() *cobra.Command {
	c := &cobra.Command{
		Use:   "me",
		Short: "Show who you are for a heyq, and what you may do",
		Args:  wantsNone,
	}
	c.AddCommand(p.meSessions(), p.meEnd())
	return asking(p, c, func(ctx context.Context, client *client.Client, _ []string) (wire.Me, error) {
		return client.Me.Get(ctx)
	}, p.showMe)
}

func (p *program) showMe(me wire.Me) {
	shown := map[string]string{"token": "the operator token", "key": "a key", "login": "a login"}[me.By]
	pairs := [][2]string{{"id", screen.Bold(me.ID)}, {"name", me.Name}, {"role", string(me.Role)}, {"may", strings.Join(me.Scopes, ", ")}, {"by", shown}}
	if me.User != nil {
		pairs = append(pairs, [2]string{"e-mail", me.User.Email}, [2]string{"time zone", me.User.TimeZone})
	}
	p.screen.Pairs(pairs...)
}

func (p *program) meSessions() *cobra.Command {
	c := &cobra.Command{Use: "sessions", Short: "List the browsers in which you have logged in", Args: wantsNone}
	return asking(p, c, func(ctx context.Context, client *client.Client, _ []string) ([]wire.Session, error) {
		return client.Me.Sessions(ctx)
	}, func(list []wire.Session) {
		if len(list) == 0 {
			p.screen.Println("no sessions")
			return
		}
		t := screen.Table{Headings: []string{"id", "begun", "used", "from", "browser"}}
		for _, s := range list {
			t.Rows = append(t.Rows, []string{s.ID, screen.Dim(humanize.Time(s.BegunAt)), screen.Dim(humanize.Time(s.UsedAt)), s.Address, s.Agent})
		}
		p.screen.Table(t)
	})
}

func (p *program) meEnd() *cobra.Command {
	c := &cobra.Command{
		Use: "end [ID]", Short: "Log one of your browsers out, or all of them", Args: wants(0, 1, "one id at most"),
		Long: "Log one of your browsers out, or all of them if you give no id. A key may not.",
	}
	return asking(p, c, func(ctx context.Context, client *client.Client, args []string) (wire.EndedSessions, error) {
		if len(args) == 1 {
			return wire.EndedSessions{Ended: 1}, client.Me.EndSession(ctx, args[0])
		}
		n, err := client.Me.EndSessions(ctx)
		return wire.EndedSessions{Ended: n}, err
	}, func(answer wire.EndedSessions) {
		p.screen.Printf("%s %s ended\n", screen.Good("✓"), counted(answer.Ended, "session"))
	})
}
