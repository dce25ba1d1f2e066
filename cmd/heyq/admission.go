package main

import (
	"context"

	"github.com/spf13/cobra"

	"heyq/cmd/heyq/internal/remote"
	"heyq/cmd/heyq/internal/screen"
)

func (p *program) admission() *cobra.Command {
	c := asGroup(&cobra.Command{
		Use:   "admission",
		Short: "See and move the gate before HeyGen",
		Long: `See and move the gate before HeyGen. While it is closed nothing new is sent;
what was sent goes on.`,
	})
	c.AddCommand(
		p.gate("status", "Say whether videos are let through", (*remote.Client).Admission),
		p.gate("pause", "Let nothing through until somebody resumes", (*remote.Client).PauseAdmission),
		p.gate("resume", "Let videos through, whatever stopped them", (*remote.Client).ResumeAdmission),
	)
	return c
}

// gate is a command that makes one call and shows the gate after it.
func (p *program) gate(name, short string, call func(*remote.Client, context.Context) (remote.Admission, error)) *cobra.Command {
	c := &cobra.Command{Use: name, Short: short, Args: wantsNone}
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		client, _, err := p.remote()
		if err != nil {
			return err
		}
		a, err := call(client, c.Context())
		if err != nil {
			return err
		}
		if *asJSON {
			return p.json(a)
		}
		p.showAdmission(a)
		return nil
	}
	return c
}

func (p *program) showAdmission(a remote.Admission) {
	paint := screen.Bad
	if a.State == "open" {
		paint = screen.Good
	}
	pairs := [][2]string{{"admission", paint(a.State)}, {"reason", a.Reason}}
	if a.Until != nil {
		pairs = append(pairs, [2]string{"until", clock(*a.Until)})
	}
	p.screen.Pairs(pairs...)
}
