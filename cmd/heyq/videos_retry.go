package main

import (
	"context"

	"github.com/spf13/cobra"

	"heyq/cmd/heyq/internal/remote"
)

func (p *program) videosRetry() *cobra.Command {
	c := &cobra.Command{
		Use:   "retry ID",
		Short: "Make a failed or cancelled video run again",
		Long: `Make a failed or cancelled video run again.

A render that HeyGen may still finish is resumed, which costs nothing. Where a
new render is needed and the first may have been billed, --new-render says that
paying again is meant; without it nothing happens.`,
	}
	newRender := c.Flags().Bool("new-render", false, "accept another paid render")
	return p.oneVideo(c, func(client *remote.Client, ctx context.Context, id string) (remote.Video, error) {
		return client.Retry(ctx, id, *newRender)
	}, p.showChange)
}
