package main

import (
	"github.com/spf13/cobra"

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
	asJSON := jsonFlag(c)
	url := c.Flags().String("url", "", "where HeyGen is to deliver (default: /webhooks/heygen at HEYQ_PUBLIC_URL of the running heyq)")
	c.RunE = func(c *cobra.Command, _ []string) error {
		client, _, err := p.client()
		if err != nil {
			return err
		}
		w, err := client.Webhooks.Register(c.Context(), wire.RegisterRequest{URL: *url})
		if err != nil {
			return err
		}
		if *asJSON {
			return p.json(w)
		}
		p.showWebhooks([]wire.Webhook{w})
		return nil
	}
	return c
}
