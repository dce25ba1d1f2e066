package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"heyq/cmd/heyq/internal/remote"
	"heyq/internal/fault"
)

func (p *program) videosResolve() *cobra.Command {
	c := &cobra.Command{
		Use:   "resolve ID --adopt HEYGEN_ID | --resubmit | --give-up",
		Short: "Decide about a video that needs review",
		Long: `Decide about a video that failed as needs_review.

Whether HeyGen accepted its create is more than heyq can tell. Look for its
title in HeyGen's list: it ends with a token that holds the video's id.

  --adopt HEYGEN_ID  that render is this video's: fetch it, and pay nothing more
  --resubmit         there is none: render again, and perhaps pay twice
  --give-up          leave it failed`,
		Example: `  heyq videos list --state failed
  heyq videos resolve 0190b5c2-7d1e-7cc3-9f0a-5a1f6f3c2b11 --adopt 3f2a9c41d07e4b6c8a5b1e9d2c7f6a08`,
	}
	adopt := c.Flags().String("adopt", "", "HeyGen's id of the render that is this video's")
	resubmit := c.Flags().Bool("resubmit", false, "render again, and perhaps pay twice")
	giveUp := c.Flags().Bool("give-up", false, "leave the video failed")
	return p.oneVideo(c, func(client *remote.Client, ctx context.Context, id string) (remote.Video, error) {
		switch decided := []bool{*adopt != "", *resubmit, *giveUp}; {
		case slices.Equal(decided, []bool{true, false, false}):
			return client.Resolve(ctx, id, "adopt", *adopt)
		case slices.Equal(decided, []bool{false, true, false}):
			return client.Resolve(ctx, id, "resubmit", "")
		case slices.Equal(decided, []bool{false, false, true}):
			return client.Resolve(ctx, id, "give_up", "")
		default:
			return remote.Video{}, fault.New(fault.Malformed, "say one thing about video %s", id).
				WithHint("--adopt HEYGEN_ID, --resubmit or --give-up; `heyq videos resolve --help` tells what they do")
		}
	}, p.showChange)
}
