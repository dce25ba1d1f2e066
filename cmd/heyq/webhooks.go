package main

import (
	"strings"

	"github.com/spf13/cobra"

	"heyq/cmd/heyq/internal/screen"
	"heyq/wire"
)

func (p *program) webhooks() *cobra.Command {
	c := asGroup(&cobra.Command{
		Use:   "webhooks",
		Short: "See and change where HeyGen tells of finished renders",
		Long: `See and change where HeyGen tells of finished renders.

Where HEYQ_PUBLIC_URL is set, heyq registers its own address by itself. These
commands talk to a running heyq: the one at HEYQ_URL.`,
	})
	c.AddCommand(p.webhooksRegister(), p.webhooksList(), p.webhooksDelete())
	return c
}

// showWebhooks lists them, the ones that heyq cannot use marked.
func (p *program) showWebhooks(list []wire.Webhook) {
	t := screen.Table{Headings: []string{"id", "state", "url", "events"}}
	for _, w := range list {
		state := screen.Good("ready")
		switch {
		case w.Another != "":
			state = screen.Dim("of heyq " + w.Another)
		case !w.Enabled:
			state = screen.Bad("disabled")
		case !w.Known:
			state = screen.Dim("not heyq's") // heyq was not told its secret
		}
		events := strings.Join(w.Events, ", ")
		if events == "" {
			events = "all"
		}
		t.Rows = append(t.Rows, []string{w.ID, state, w.URL, events})
	}
	p.screen.Table(t)
}
