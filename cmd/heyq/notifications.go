package main

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
	"heyq/store"
	"heyq/wire"
)

func (p *program) notifications() *cobra.Command {
	c := asGroup(&cobra.Command{
		Use:   "notifications",
		Short: "See who was told of a video's end, and tell them again",
		Long: `See who was told of a video's end, and tell them again.

A video with a notify_url tells it when it has completed, failed or been
cancelled, and tries for a day. These commands talk to a running heyq: the one at
HEYQ_URL.`,
	})
	c.AddCommand(p.notificationsList(), p.notificationsRedeliver(), p.notificationsSecret())
	return c
}

func (p *program) notificationsList() *cobra.Command {
	c := &cobra.Command{
		Use:   "list VIDEO",
		Short: "List what a video's receiver was told, and what it answered",
		Args:  wants(1, 1, "the id of one video"),
	}
	return asking(p, c, func(ctx context.Context, client *client.Client, args []string) ([]wire.Notification, error) {
		return client.Notifications.List(ctx, args[0])
	}, func(list []wire.Notification) {
		if len(list) == 0 {
			p.screen.Println("no notifications: the video has not ended, or has no notify_url")
		}
		for i, n := range list {
			if i > 0 {
				p.screen.Println()
			}
			p.showNotification(n)
		}
	})
}

func (p *program) showNotification(n wire.Notification) {
	paint := map[store.NotificationState]func(string) string{store.NotificationDelivered: screen.Good, store.NotificationFailed: screen.Bad}[n.State]
	if paint == nil {
		paint = screen.Dim
	}
	pairs := [][2]string{{"id", screen.Bold(n.ID)}, {"event", n.Event}, {"to", n.URL}, {"state", paint(string(n.State))}}
	if n.NextTryAt != nil {
		pairs = append(pairs, [2]string{"next try", clock(*n.NextTryAt)}, [2]string{"until", clock(n.ExpiresAt)})
	}
	p.screen.Pairs(pairs...)
	if len(n.Tries) == 0 {
		return
	}
	t := screen.Table{Headings: []string{"tried at", "status\t", "took\t", "what came of it"}}
	for _, try := range n.Tries {
		status, outcome := "", screen.Good("delivered")
		if try.Status != 0 {
			status = strconv.Itoa(try.Status)
		}
		if try.Error != "" {
			outcome = try.Error
		}
		if try.Answer != "" {
			outcome += ": " + try.Answer
		}
		t.Rows = append(t.Rows, []string{clock(try.At), status, seconds(try.DurationSeconds), outcome})
	}
	p.screen.Table(t)
}
