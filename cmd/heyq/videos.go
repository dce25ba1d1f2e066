package main

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"

	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
)

func (p *program) videos() *cobra.Command {
	c := asGroup(&cobra.Command{
		Use:   "videos",
		Short: "Create videos, follow them and fetch their files",
		Long: `Create videos, follow them and fetch their files.

These commands talk to a running heyq: the one at HEYQ_URL,
http://127.0.0.1:8080 where that is not set. They show it the operator token:
HEYQ_OPERATOR_TOKEN or, to a heyq that runs on this machine with the same
HEYQ_DIR, the one that it keeps there.`,
	})
	c.AddCommand(
		p.videosCreate(), p.videosImport(), p.videosList(), p.videosGet(),
		p.videosWatch(), p.videosRetry(), p.videosResolve(), p.videosCancel(), p.videosDownload(),
		p.videosVerify(), p.videosShare(), p.videosUnshare(),
	)
	return c
}

// oneVideo makes c ask one thing about the video whose id it is given.
func (p *program) oneVideo(c *cobra.Command, ask func(*client.Videos, context.Context, string) (client.Video, error), show func(client.Video)) *cobra.Command {
	c.Args = wants(1, 1, "one id")
	return asking(p, c, func(ctx context.Context, client *client.Client, args []string) (client.Video, error) {
		return ask(client.Videos, ctx, args[0])
	}, show)
}

// showChange says what became of a video, and what it may cost.
func (p *program) showChange(v client.Video) {
	p.screen.Printf("%s %s: %s\n", screen.Good("✓"), screen.Bold(v.ID), cmp.Or(v.Message, screen.State(v.State)))
}

// orZero is what p points to; nil stands for what is not known, or not there.
func orZero[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
