package main

import (
	"cmp"

	"github.com/spf13/cobra"

	"heyq/cmd/heyq/internal/screen"
)

func (p *program) videosRetry() *cobra.Command {
	c := &cobra.Command{
		Use:   "retry ID",
		Short: "Make a failed or cancelled video run again",
		Long: `Make a failed or cancelled video run again.

A render that HeyGen may still finish is resumed, which costs nothing. Where a
new render is needed and the first may have been billed, --new-render says that
paying again is meant; without it nothing happens.`,
		Args: wants(1, 1, "one id"),
	}
	asJSON := jsonFlag(c)
	newRender := c.Flags().Bool("new-render", false, "accept another paid render")
	c.RunE = func(c *cobra.Command, args []string) error {
		client, _, err := p.remote()
		if err != nil {
			return err
		}
		v, err := client.Retry(c.Context(), args[0], *newRender)
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
