package main

import (
	"context"

	"github.com/spf13/cobra"

	"heyq/client"
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
	return asking(p, c, func(ctx context.Context, client *client.Client, args []string) (map[string]string, error) {
		return map[string]string{"deleted": args[0]}, client.Webhooks.Delete(ctx, args[0])
	}, func(answer map[string]string) {
		p.screen.Printf("%s %s is deleted\n", screen.Good("✓"), answer["deleted"])
	})
}
