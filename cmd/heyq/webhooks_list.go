package main

import "github.com/spf13/cobra"

func (p *program) webhooksList() *cobra.Command {
	c := &cobra.Command{
		Use:   "list",
		Short: "List every webhook of the HeyGen account",
		Args:  wantsNone,
	}
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		client, _, err := p.client()
		if err != nil {
			return err
		}
		list, err := client.Webhooks.List(c.Context())
		if err != nil {
			return err
		}
		switch {
		case *asJSON:
			return p.json(list)
		case len(list) == 0:
			p.screen.Println("no webhooks; heyq webhooks register makes one")
		default:
			p.showWebhooks(list)
		}
		return nil
	}
	return c
}
