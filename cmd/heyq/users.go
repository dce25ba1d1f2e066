package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
	"heyq/internal/fault"
	"heyq/store"
	"heyq/wire"
)

func (p *program) users() *cobra.Command {
	c := asGroup(&cobra.Command{
		Use:   "users",
		Short: "Create, change and find the people who have videos",
		Long: `Create, change and find the people who have videos.

A heyq needs no users: the holder of the operator token owns everything. These
commands talk to a running heyq: the one at HEYQ_URL.`,
	})
	c.AddCommand(p.usersCreate(), p.usersList(), p.usersGet(), p.usersUpdate(), p.usersInvite(), p.usersDelete())
	return c
}

func (p *program) usersCreate() *cobra.Command {
	c := &cobra.Command{
		Use:     "create EMAIL",
		Short:   "Create a user with its profile",
		Example: `  heyq users create ada@example.com --first-name Ada --last-name Lovelace --role manager`,
		Args:    wants(1, 1, "one e-mail"),
	}
	change := profileFlags(c.Flags())
	return asking(p, c, func(ctx context.Context, client *client.Client, args []string) (wire.User, error) {
		u := change()
		u.Email = &args[0]
		return client.Users.Create(ctx, u)
	}, p.showUser)
}

func (p *program) usersGet() *cobra.Command {
	c := &cobra.Command{Use: "get ID", Short: "Show one user", Args: wants(1, 1, "one id")}
	return asking(p, c, func(ctx context.Context, client *client.Client, args []string) (wire.User, error) {
		return client.Users.Get(ctx, args[0])
	}, p.showUser)
}

func (p *program) usersUpdate() *cobra.Command {
	c := &cobra.Command{
		Use:   "update ID",
		Short: "Change a user",
		Long:  "Change what is given of a user and its profile; the rest stays as it is.",
		Example: `  heyq users update 0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e --role manager
  heyq users update 0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e --active=false`,
		Args: wants(1, 1, "one id"),
	}
	change := profileFlags(c.Flags())
	email := c.Flags().String("email", "", "unique without regard to case")
	active := c.Flags().Bool("active", true, "false: the user may do nothing until it is true again")
	return asking(p, c, func(ctx context.Context, client *client.Client, args []string) (wire.User, error) {
		u := change()
		u.Email, u.Active = given(c.Flags(), "email", email), given(c.Flags(), "active", active)
		return client.Users.Update(ctx, args[0], u)
	}, p.showUser)
}

// profileFlags are the fields of a user that both create and update take. The function
// returns those that were given.
func profileFlags(flags *pflag.FlagSet) func() wire.UserChange {
	role := flags.String("role", string(store.RoleMember), "owner, operator, manager, member or viewer")
	first, last := flags.String("first-name", "", "at most 100 characters"), flags.String("last-name", "", "at most 100 characters")
	bio := flags.String("bio", "", "at most 1,000 characters")
	avatar := flags.String("avatar-url", "", "an https link to a picture; heyq never fetches it")
	zone := flags.String("time-zone", "UTC", "a name such as Europe/London")
	return func() wire.UserChange {
		return wire.UserChange{
			Role:      given(flags, "role", (*store.Role)(role)),
			FirstName: given(flags, "first-name", first), LastName: given(flags, "last-name", last),
			Bio: given(flags, "bio", bio), AvatarURL: given(flags, "avatar-url", avatar), TimeZone: given(flags, "time-zone", zone),
		}
	}
}

// given is a flag's value, nil if the flag was not given.
func given[T any](flags *pflag.FlagSet, name string, value *T) *T {
	if !flags.Changed(name) {
		return nil
	}
	return value
}

func (p *program) usersList() *cobra.Command {
	c := &cobra.Command{
		Use: "list", Short: "List users, newest first", Args: wantsNone,
		Example: `  heyq users list --search lovelace`,
	}
	search := c.Flags().String("search", "", "a part of the name or the e-mail, in any case")
	page := c.Flags().Int("page", 1, "which page")
	perPage := c.Flags().Int("per-page", 20, "users on a page")
	return asking(p, c, func(ctx context.Context, client *client.Client, _ []string) (wire.UserList, error) {
		return client.Users.List(ctx, *search, *page, *perPage)
	}, p.showUsers)
}

func (p *program) usersDelete() *cobra.Command {
	c := &cobra.Command{
		Use:   "delete ID",
		Short: "Forget a user; its videos belong to the owner from then on, or go as well",
		Long: `Forget a user with its profile, its keys and its notification secret. Its videos
belong to the owner from then on.

With --videos delete they go as well: those that have not ended are cancelled at
once, and all are removed with their files within the next hours. That asks first,
and says how many they are.`,
		Args: wants(1, 1, "one id"),
	}
	videos := c.Flags().String("videos", string(store.KeepVideos), "keep or delete")
	yes := c.Flags().Bool("yes", false, "do not ask")
	return asking(p, c, func(ctx context.Context, client *client.Client, args []string) (map[string]string, error) {
		left := wire.LeftVideos(*videos)
		if left == store.DeleteVideos && !*yes {
			if err := p.consentToDelete(ctx, client, args[0]); err != nil {
				return nil, err
			}
		}
		return map[string]string{"deleted": args[0]}, client.Users.Delete(ctx, args[0], left)
	}, func(answer map[string]string) {
		p.screen.Printf("%s %s is deleted\n", screen.Good("✓"), answer["deleted"])
	})
}

// consentToDelete asks before a user's videos are removed.
func (p *program) consentToDelete(ctx context.Context, client *client.Client, id string) error {
	l, err := client.Users.Videos(ctx, id, 1, 1)
	if err != nil {
		return err
	}
	total := counted(l.Pagination.Total, "video")
	if l.Pagination.TotalCapped {
		total = "more than " + total
	}
	if !isTerminal(p.stdin) {
		return fault.New(fault.Invalid, "the user has %s, and there is no terminal to ask on; nothing was done", total).
			WithHint("give --yes to delete them without being asked")
	}
	p.aside.Printf("%s [y/N] ", screen.Bold("Delete the user with "+total+" and their files?"))
	return confirmed(ctx, p.stdin)
}

func (p *program) showUser(u wire.User) {
	pairs := [][2]string{
		{"id", screen.Bold(u.ID)},
		{"e-mail", u.Email},
		{"name", strings.TrimSpace(u.FirstName + " " + u.LastName)},
		{"role", string(u.Role)},
		{"time zone", u.TimeZone},
	}
	if u.Bio != "" {
		pairs = append(pairs, [2]string{"bio", u.Bio})
	}
	if u.AvatarURL != "" {
		pairs = append(pairs, [2]string{"picture", u.AvatarURL})
	}
	if u.DeactivatedAt != nil {
		pairs = append(pairs, [2]string{"deactivated", screen.Bad(clock(*u.DeactivatedAt))})
	}
	p.screen.Pairs(pairs...)
}

func (p *program) showUsers(l wire.UserList) {
	if len(l.Users) == 0 {
		p.screen.Println("no users")
		return
	}
	t := screen.Table{Headings: []string{"id", "e-mail", "name", "role", "created"}}
	for _, u := range l.Users {
		role := string(u.Role)
		if !u.Active {
			role = screen.Dim("deactivated")
		}
		t.Rows = append(t.Rows, []string{u.ID, u.Email, strings.TrimSpace(u.FirstName + " " + u.LastName), role, screen.Dim(humanize.Time(u.CreatedAt))})
	}
	p.screen.Table(t)
	p.showPlace(l.Pagination, "user")
}

// showPlace says which page of a list was shown.
func (p *program) showPlace(at wire.Pagination, thing string) {
	total := counted(at.Total, thing)
	if at.TotalCapped {
		total = "more than " + total
	}
	p.screen.Println(screen.Dim(fmt.Sprintf(" page %d of %d, %s", at.Page, at.TotalPages, total)))
}
