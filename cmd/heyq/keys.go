package main

import (
	"context"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
	"heyq/internal/fault"
	"heyq/wire"
)

func (p *program) keys() *cobra.Command {
	c := asGroup(&cobra.Command{
		Use:   "keys",
		Short: "Make and revoke the keys that let programs in",
		Long: `Make and revoke the keys that let programs in.

A key works in the name of who made it, and may do no more. Show it with each
request as a bearer; HEYQ_KEY has these commands show it.`,
	})
	c.AddCommand(p.keysCreate(), p.keysList(), p.keysRevoke())
	return c
}

func (p *program) keysCreate() *cobra.Command {
	c := &cobra.Command{
		Use:     "create NAME",
		Short:   "Make a key; it is shown this once",
		Example: `  heyq keys create shop --scope videos:read --scope videos:write --for 90d`,
		Args:    wants(1, 1, "one name"),
	}
	scopes := c.Flags().StringSlice("scope", nil, "videos:read, videos:write, usage:read or operate (repeatable)")
	user := c.Flags().String("user", "", "id of the user in whose name it lets in (default your own)")
	life := c.Flags().String("for", "", "how long it lets in, such as 12h or 90d (default for ever)")
	return asking(p, c, func(ctx context.Context, client *client.Client, args []string) (wire.MadeKey, error) {
		k := wire.NewKey{Name: args[0], UserID: *user, Scopes: *scopes}
		if *life != "" {
			age, ok := parseAge(*life)
			if !ok || age == 0 {
				return wire.MadeKey{}, fault.New(fault.Invalid, "the command is not valid").WithField("--for", *life, "is no length of time; give one such as 12h or 90d")
			}
			k.ExpiresAt = time.Now().Add(age).Truncate(time.Second)
		}
		return client.Keys.Create(ctx, k)
	}, func(k wire.MadeKey) {
		p.screen.Printf("%s %s may %s\n", screen.Good("✓"), screen.Bold(k.Name), strings.Join(k.Scopes, ", "))
		p.screen.Println("  " + k.Secret)
		p.screen.Println(screen.Dim("  keep it now: it is shown this once"))
	})
}

func (p *program) keysList() *cobra.Command {
	c := &cobra.Command{Use: "list", Short: "List keys, newest first", Args: wantsNone}
	return asking(p, c, func(ctx context.Context, client *client.Client, _ []string) ([]wire.Key, error) {
		return client.Keys.List(ctx)
	}, p.showKeys)
}

func (p *program) keysRevoke() *cobra.Command {
	c := &cobra.Command{
		Use: "revoke ID", Short: "End a key for good, everywhere within two seconds", Args: wants(1, 1, "one id"),
	}
	return asking(p, c, func(ctx context.Context, client *client.Client, args []string) (wire.Key, error) {
		return client.Keys.Revoke(ctx, args[0])
	}, func(k wire.Key) {
		p.screen.Printf("%s %s (%s) lets no program in any more\n", screen.Good("✓"), screen.Bold(k.Name), k.Shown)
	})
}

func (p *program) showKeys(list []wire.Key) {
	if len(list) == 0 {
		p.screen.Println("no keys")
		return
	}
	t := screen.Table{Headings: []string{"id", "name", "key", "may", "used", "state"}}
	for _, k := range list {
		used, state := screen.Dim("never"), screen.Good("good")
		if k.UsedAt != nil {
			used = screen.Dim(humanize.Time(*k.UsedAt))
		}
		switch {
		case k.RevokedAt != nil:
			state = screen.Dim("revoked")
		case k.ExpiresAt != nil:
			state = "until " + clock(*k.ExpiresAt)
		}
		t.Rows = append(t.Rows, []string{k.ID, k.Name, k.Shown + "…", strings.Join(k.Scopes, ", "), used, state})
	}
	p.screen.Table(t)
}
