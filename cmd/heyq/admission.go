package main

import (
	"context"

	"github.com/spf13/cobra"

	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
	"heyq/wire"
)

func (p *program) admission() *cobra.Command {
	c := asGroup(&cobra.Command{
		Use:   "admission",
		Short: "See and move the gate before HeyGen",
		Long: `See and move the gate before HeyGen. While it is closed nothing new is sent;
what was sent goes on.`,
	})
	c.AddCommand(
		p.gate("status", "Say whether videos are let through", (*client.Admission).Get),
		p.gate("pause", "Let nothing through until an operator resumes", (*client.Admission).Pause),
		p.gate("resume", "Let videos through, whatever stopped them", (*client.Admission).Resume),
	)
	return c
}

// gate is a command that makes one call and shows the gate after it.
func (p *program) gate(name, short string, call func(*client.Admission, context.Context) (wire.Admission, error)) *cobra.Command {
	c := &cobra.Command{Use: name, Short: short, Args: wantsNone}
	return asking(p, c, func(ctx context.Context, client *client.Client, _ []string) (wire.Admission, error) {
		return call(client.Admission, ctx)
	}, p.showAdmission)
}

func (p *program) showAdmission(a wire.Admission) {
	paint := screen.Bad
	if a.State == "open" {
		paint = screen.Good
	}
	pairs := [][2]string{{"admission", paint(string(a.State))}, {"reason", a.Reason}}
	if a.Until != nil {
		pairs = append(pairs, [2]string{"until", clock(*a.Until)})
	}
	p.screen.Pairs(pairs...)
}
