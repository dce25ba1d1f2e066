package main

import (
	"context"

	"github.com/spf13/cobra"

	"heyq/client"
	"heyq/wire"
)

func (p *program) webhooksRegister() *cobra.Command {
	c := &cobra.Command{
		Use:   "register",
		Short: "Have HeyGen deliver to this heyq",
		Long: `Have HeyGen deliver to this heyq. What is registered and works stays as it is;
what has the same address and does not is replaced.`,
		Example: `  heyq webhooks register --url https://heyq.example.com/webhooks/heygen`,
		Args:    wantsNone,
	}
	url := c.Flags().String("url", "", "where HeyGen is to deliver (default: /webhooks/heygen at HEYQ_PUBLIC_URL of the running heyq)")
	return asking(p, c, func(ctx context.Context, client *client.Client, _ []string) (wire.Webhook, error) {
		return client.Webhooks.Register(ctx, wire.RegisterRequest{URL: *url})
	}, func(w wire.Webhook) { p.showWebhooks([]wire.Webhook{w}) })
}
