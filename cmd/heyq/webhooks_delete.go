package main

import (
	"github.com/spf13/cobra"

	"heyq/cmd/heyq/internal/screen"
)

func (p *program) webhooksDelete() *cobra.Command {
	c := &cobra.Command{
		Use:   "delete ID",
		Short: "Have HeyGen deliver to an address no more",
		Long: `Have HeyGen deliver to an address no more. While HEYQ_PUBLIC_URL is set, heyq
registers its own again within the hour.`,
		Args: wants(1, 1, "one id"),
	}
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		client, _, err := p.client()
		if err != nil {
			return err
		}
		if err := client.Webhooks.Delete(c.Context(), args[0]); err != nil {
			return err
		}
		if *asJSON {
			return p.json(map[string]string{"deleted": args[0]})
		}
		p.screen.Printf("%s %s is deleted\n", screen.Good("✓"), args[0])
		return nil
	}
	return c
}
