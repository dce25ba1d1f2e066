package main

import (
	"context"

	"github.com/spf13/cobra"

	"heyq/client"
	"heyq/wire"
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
	return p.oneVideo(c, func(videos *client.Videos, ctx context.Context, id string) (client.Video, error) {
		return videos.Retry(ctx, id, wire.RetryRequest{NewRender: *newRender})
	}, p.showChange)
}
