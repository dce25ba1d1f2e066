package main

import (
	"cmp"

	"github.com/spf13/cobra"

	"heyq/cmd/heyq/internal/screen"
)

func (p *program) videosCancel() *cobra.Command {
	c := &cobra.Command{
		Use:   "cancel ID",
		Short: "End a video, and say what may be billed",
		Args:  wants(1, 1, "one id"),
	}
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		client, _, err := p.remote()
		if err != nil {
			return err
		}
		v, err := client.Cancel(c.Context(), args[0])
		if err != nil {
			return err
		}
		if *asJSON {
			return p.json(v)
		}
		p.screen.Printf("%s %s: %s\n", screen.Good("✓"), screen.Bold(v.ID), cmp.Or(v.Message, screen.State(v.State)))
		return nil
	}
	return c
}
