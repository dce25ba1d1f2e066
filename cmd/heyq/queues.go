package main

import (
	"context"

	"github.com/spf13/cobra"

	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
	"heyq/wire"
)

func (p *program) queues() *cobra.Command {
	c := asGroup(&cobra.Command{
		Use:   "queues",
		Short: "See, watch, pause and resume the queues",
		Long: `See, watch, pause and resume the queues: create, poll, download, analytics,
notify, maintenance and watch. The gate before HeyGen (admission) stands in the same view.

These commands talk to a running heyq: the one at HEYQ_URL,
http://127.0.0.1:8080 where that is not set.`,
	})
	c.AddCommand(
		p.queuesList(), p.queuesWatch(),
		p.turnQueue((*client.Queues).Pause, &cobra.Command{
			Use:   "pause QUEUE",
			Short: "Keep workers from fetching from a queue",
			Long: `Keep workers from fetching from a queue; they finish what they have. Asking twice
is harmless.

Pausing create stops spending at once: it closes admission as well, so that
nothing new is sent to HeyGen any more, while what was sent goes on. The database
keeps that. The pause of any other queue is kept in Redis, and ends with a Redis
that loses its data, as the embedded one does with its process.`,
			Example: "  heyq queues pause create",
		}),
		p.turnQueue((*client.Queues).Resume, &cobra.Command{
			Use:   "resume QUEUE",
			Short: "Let workers fetch from a queue again",
			Long: `Let workers fetch from a queue again. Resuming create opens admission only where
pausing it closed it: an account that HeyGen has stopped (401, 402) stays stopped
until an operator says heyq admission resume.`,
			Example: "  heyq queues resume create",
		}),
	)
	return c
}

// turnQueue makes c pause or resume the queue that it is given.
func (p *program) turnQueue(turn func(*client.Queues, context.Context, string) (wire.ChangedQueue, error), c *cobra.Command) *cobra.Command {
	c.Args = wants(1, 1, "one queue")
	return asking(p, c, func(ctx context.Context, client *client.Client, args []string) (wire.ChangedQueue, error) {
		return turn(client.Queues, ctx, args[0])
	}, func(q wire.ChangedQueue) {
		p.screen.Printf("%s %s\n", screen.Good("✓"), q.Message)
	})
}
