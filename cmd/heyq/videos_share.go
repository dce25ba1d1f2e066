package main

import (
	"context"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
	"heyq/wire"
)

func (p *program) videosShare() *cobra.Command {
	c := &cobra.Command{
		Use:   "share ID [USER]",
		Short: "Show a video to a user, or say to whom it is shown",
		Long: `Show a video to the user with the id USER, who may read it and its files from
then on, and changes nothing of it. Without USER: say to whom it is shown.`,
		Args: wants(1, 2, "one id, and the id of a user"),
	}
	return asking(p, c, func(ctx context.Context, client *client.Client, args []string) ([]wire.Share, error) {
		if len(args) == 1 {
			return client.Videos.Shares(ctx, args[0])
		}
		shared, err := client.Videos.Share(ctx, args[0], args[1])
		return []wire.Share{shared}, err
	}, p.showShares)
}

func (p *program) videosUnshare() *cobra.Command {
	c := &cobra.Command{
		Use: "unshare ID USER", Short: "Show a video to a user no more", Args: wants(2, 2, "one id, and the id of a user"),
	}
	return asking(p, c, func(ctx context.Context, client *client.Client, args []string) (map[string]string, error) {
		return map[string]string{"video_id": args[0], "user_id": args[1]}, client.Videos.Unshare(ctx, args[0], args[1])
	}, func(answer map[string]string) {
		p.screen.Printf("%s %s is not shown to %s any more\n", screen.Good("✓"), screen.Bold(answer["video_id"]), answer["user_id"])
	})
}

func (p *program) showShares(list []wire.Share) {
	if len(list) == 0 {
		p.screen.Println("it is shown to no other user")
		return
	}
	t := screen.Table{Headings: []string{"shown to", "since"}}
	for _, s := range list {
		t.Rows = append(t.Rows, []string{s.UserID, screen.Dim(humanize.Time(s.SharedAt))})
	}
	p.screen.Table(t)
}
