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

func (p *program) alerts() *cobra.Command {
	c := asGroup(&cobra.Command{
		Use:   "alerts",
		Short: "See what is wrong with heyq, and what was lately",
		Long: `See what is wrong with heyq, and what was lately.

heyq looks once a minute and tells HEYQ_ALERT_WEBHOOK of what starts and of what
ends. docs/operations.md says of each alert what it means and what to type.`,
		Example: `  heyq alerts
  heyq alerts --ended 100 --json
  heyq alerts test`,
	})
	ended := c.Flags().Int("ended", 10, "how many of those that have ended to list")
	asking(p, c, func(ctx context.Context, client *client.Client, _ []string) (wire.AlertList, error) {
		if *ended < 0 || *ended > 1000 {
			return wire.AlertList{}, fault.New(fault.Malformed, "--ended must be 0 to 1000")
		}
		return client.Alerts.List(ctx, *ended)
	}, p.showAlerts)
	c.AddCommand(p.alertsTest())
	return c
}

func (p *program) alertsTest() *cobra.Command {
	return asking(p, &cobra.Command{
		Use:   "test",
		Short: "Send a test message to where alerts go",
		Args:  wantsNone,
	}, func(ctx context.Context, client *client.Client, _ []string) (map[string]bool, error) {
		return map[string]bool{"sent": true}, client.Alerts.Test(ctx)
	}, func(map[string]bool) {
		p.screen.Printf("%s a test message was sent\n", screen.Good("✓"))
	})
}

func (p *program) showAlerts(list wire.AlertList) {
	if len(list.Active) == 0 {
		p.screen.Printf("%s nothing is wrong\n", screen.Good("✓"))
	}
	for _, a := range list.Active {
		p.screen.Printf("%s %s, since %s (%s)\n", screen.Bad("✗"), screen.Bold(alertTitle(a)), clock(a.Since), lasting(time.Since(a.Since)))
		p.screen.Printf("  %s\n", a.Summary)
		if a.SendError != "" {
			p.screen.Printf("  %s\n", screen.Dim("not sent: "+a.SendError))
		}
	}
	if len(list.Ended) == 0 {
		return
	}
	p.screen.Println()
	t := screen.Table{Headings: []string{"has ended", "at", "after\t", "it was"}}
	for _, a := range list.Ended {
		t.Rows = append(t.Rows, []string{alertTitle(a), clock(*a.EndedAt), lasting(a.EndedAt.Sub(a.Since)), a.Summary})
	}
	p.screen.Table(t)
}

// alertTitle names what an alert is about: queue-age (download).
func alertTitle(a wire.Alert) string {
	if a.Subject == "" {
		return a.Rule
	}
	return a.Rule + " (" + a.Subject + ")"
}

// lasting is a duration to the second, below a minute, and to the minute above.
func lasting(d time.Duration) string {
	if d < time.Minute {
		return d.Round(time.Second).String()
	}
	text := d.Round(time.Minute).String()
	return text[:len(text)-len("0s")]
}
