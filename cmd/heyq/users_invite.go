package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
	"heyq/internal/fault"
	"heyq/store"
	"heyq/wire"
)

func (p *program) usersInvite() *cobra.Command {
	c := &cobra.Command{
		Use:   "invite ID|EMAIL",
		Short: "Make a link by which a user sets a password, once",
		Long: `Make a link by which a user sets a password, once and within 72 hours.

The link is shown this once: hand it on to the user, and to no one else. The link that
the user had before is void.`,
		Example: `  heyq users invite ada@example.com
  heyq users invite ada@example.com --reset`,
		Args: wants(1, 1, "one id or e-mail"),
	}
	reset := c.Flags().Bool("reset", false, "the user has forgotten the password")
	return asking(p, c, func(ctx context.Context, client *client.Client, args []string) (wire.Link, error) {
		id, err := userOf(ctx, client, args[0])
		if err != nil {
			return wire.Link{}, err
		}
		kind := store.Invite
		if *reset {
			kind = store.Reset
		}
		return client.Users.Invite(ctx, id, wire.NewLink{Kind: kind})
	}, func(l wire.Link) {
		p.screen.Println("  " + l.URL)
		p.screen.Println(screen.Dim("  good once, until " + clock(l.ExpiresAt) + "; it is shown this once"))
	})
}

// userOf returns the id of a user who is named by id or e-mail.
func userOf(ctx context.Context, client *client.Client, given string) (string, error) {
	if !strings.Contains(given, "@") {
		return given, nil
	}
	list, err := client.Users.List(ctx, given, 1, 100)
	if err != nil {
		return "", err
	}
	for _, u := range list.Users {
		if strings.EqualFold(u.Email, given) {
			return u.ID, nil
		}
	}
	return "", fault.New(fault.NotFound, "there is no user with the e-mail %.254s", given).WithAdvice(fault.ListUsers, "")
}
