package main

import (
	"context"

	"github.com/spf13/cobra"

	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
	"heyq/wire"
)

func (p *program) notificationsSecret() *cobra.Command {
	c := &cobra.Command{
		Use:   "secret",
		Short: "Show what signs the notifications of your videos, or exchange it",
		Long: `Show what signs the notifications of your videos. Each user has a secret of its
own; that of videos that are no user's is HEYQ_NOTIFY_SECRET, or the file
notify-secret in HEYQ_DIR.

--rotate makes another one. For a day both sign, so that receivers change over
when they like.`,
		Args: wantsNone,
	}
	user := c.Flags().String("user", "", "id of a user, for one who manages people (default: your own)")
	rotate := c.Flags().Bool("rotate", false, "make another secret")
	return asking(p, c, func(ctx context.Context, client *client.Client, _ []string) (wire.NotificationSecret, error) {
		if *rotate {
			return client.Notifications.RotateSecret(ctx, *user)
		}
		return client.Notifications.Secret(ctx, *user)
	}, func(s wire.NotificationSecret) {
		pairs := [][2]string{{"secret", screen.Bold(s.Secret)}, {"made", clock(s.MadeAt)}}
		if s.Former != nil {
			pairs = append(pairs, [2]string{"before", *s.Former}, [2]string{"signs until", clock(orZero(s.FormerEnd))})
		}
		p.screen.Pairs(pairs...)
	})
}
