package main

import (
	"context"

	"github.com/spf13/cobra"

	"heyq/client"
	"heyq/internal/fault"
	"heyq/store"
	"heyq/wire"
)

func (p *program) videosResolve() *cobra.Command {
	c := &cobra.Command{
		Use:   "resolve ID --adopt HEYGEN_ID | --resubmit | --give-up | --accept | --reject",
		Short: "Decide about a video that needs review",
		Long: `Decide about a video that failed as needs_review.

Where it failed in the step create, whether HeyGen accepted it is more than heyq
can tell. Look for its title in HeyGen's list: it begins with a token that holds the
video's id.

  --adopt HEYGEN_ID  that render is this video's: fetch it, and pay nothing more
  --resubmit         there is none: render again, and perhaps pay twice
  --give-up          leave it failed

Where it failed in the step download, the film came and is not as promised. Look
at it: heyq videos download ID.

  --accept           it will do: the video is completed
  --reject           it will not: the file is removed, and a retry pays again`,
		Example: `  heyq videos list --state failed
  heyq videos resolve 0190b5c2-7d1e-7cc3-9f0a-5a1f6f3c2b11 --adopt 3f2a9c41d07e4b6c8a5b1e9d2c7f6a08
  heyq videos resolve 0190b5c2-7d1e-7cc3-9f0a-5a1f6f3c2b11 --accept`,
	}
	adopt := c.Flags().String("adopt", "", "HeyGen's id of the render that is this video's")
	resubmit := c.Flags().Bool("resubmit", false, "render again, and perhaps pay twice")
	giveUp := c.Flags().Bool("give-up", false, "leave the video failed")
	accept := c.Flags().Bool("accept", false, "complete the video with the film that came")
	reject := c.Flags().Bool("reject", false, "leave the video failed, and remove the film that came")
	return p.oneVideo(c, func(videos *client.Videos, ctx context.Context, id string) (client.Video, error) {
		var verdicts []store.Verdict
		for verdict, said := range map[store.Verdict]bool{
			store.Adopt: *adopt != "", store.Resubmit: *resubmit, store.GiveUp: *giveUp, store.Accept: *accept, store.Reject: *reject,
		} {
			if said {
				verdicts = append(verdicts, verdict)
			}
		}
		if len(verdicts) != 1 {
			return client.Video{}, fault.New(fault.Malformed, "say one thing about video %s", id).
				WithHint("--adopt HEYGEN_ID, --resubmit, --give-up, --accept or --reject; `heyq videos resolve --help` tells what they do")
		}
		return videos.Resolve(ctx, id, wire.ResolveRequest{Verdict: verdicts[0], HeyGenID: *adopt})
	}, p.showChange)
}
