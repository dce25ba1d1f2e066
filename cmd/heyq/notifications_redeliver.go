package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
	"heyq/internal/fault"
	"heyq/wire"
)

func (p *program) notificationsRedeliver() *cobra.Command {
	c := &cobra.Command{
		Use:   "redeliver [ID | --video VIDEO | --failed]",
		Short: "Tell a receiver again",
		Long: `Tell a receiver again, under the same webhook-id, with a day of tries before it.

  ID             one notification, whatever came of it
  --video VIDEO  those of one video
  --failed       those that were given up; with --since only the last ones`,
		Example: `  heyq notifications redeliver 0199b3a7-c2d4-7b1e-8f60-4a5b6c7d8e9f
  heyq notifications redeliver --failed --since 24h`,
		Args: wants(0, 1, "one id at most"),
	}
	r := wire.RedeliverRequest{}
	c.Flags().StringVar(&r.VideoID, "video", "", "those of this video")
	c.Flags().BoolVar(&r.Failed, "failed", false, "those that were given up")
	since := c.Flags().Duration("since", 0, "those that ended no longer ago than this, such as 24h")
	return asking(p, c, func(ctx context.Context, client *client.Client, args []string) (map[string]int, error) {
		many := r.VideoID != "" || r.Failed
		switch {
		case many == (len(args) == 1), len(args) == 1 && *since != 0, *since < 0:
			return nil, fault.New(fault.Malformed, "say which notifications are meant").
				WithHint("give an id, --video or --failed; --since goes with the two")
		case *since > 0:
			r.Since = time.Now().Add(-*since)
		}
		n, err := redeliver(ctx, client, args, r)
		return map[string]int{"redelivered": n}, err
	}, func(answer map[string]int) {
		p.screen.Printf("%s %s due now\n", screen.Good("✓"), counted(answer["redelivered"], "notification"))
	})
}

// redeliver returns how many are due again.
func redeliver(ctx context.Context, client *client.Client, args []string, r wire.RedeliverRequest) (int, error) {
	if len(args) == 0 {
		return client.Notifications.RedeliverAll(ctx, r)
	}
	_, err := client.Notifications.Redeliver(ctx, args[0])
	return 1, err
}
