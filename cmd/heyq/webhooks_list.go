package main

import (
	"context"

	"github.com/spf13/cobra"

	"heyq/client"
	"heyq/wire"
)

func (p *program) webhooksList() *cobra.Command {
	return asking(p, &cobra.Command{
		Use:   "list",
		Short: "List every webhook of the HeyGen account",
		Args:  wantsNone,
	}, func(ctx context.Context, client *client.Client, _ []string) ([]wire.Webhook, error) {
		return client.Webhooks.List(ctx)
	}, func(list []wire.Webhook) {
		if len(list) == 0 {
			p.screen.Println("no webhooks; heyq webhooks register makes one")
			return
		}
		p.showWebhooks(list)
	})
}
