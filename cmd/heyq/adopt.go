package main

import (
	"github.com/spf13/cobra"

	"heyq/app"
	"heyq/cmd/heyq/internal/screen"
	"heyq/config"
)

func (p *program) adopt() *cobra.Command {
	c := &cobra.Command{
		Use:   "adopt",
		Short: "Take over the media store, Redis and HeyGen account of another installation",
		Long: `Take over the media store, the Redis and the HeyGen account of another installation.

Each database is an installation with an id of its own, which it writes beside what
it works on. heyq does not start where another id stands: two installations would
take each other's tasks and remove each other's files. After a move (heyq import, a
dump that was restored elsewhere, another HeyGen account for good) the new database
is told with this command that it goes on in the old one's place.

Run it once, with the environment of the new processes, while no process of either
is at work. An old one that is started again finds the new id, and refuses.`,
		Example: `  heyq import heyq.jsonl && heyq adopt`,
		Args:    wantsNone,
	}
	dir := c.Flags().String("dir", "", "folder for what heyq keeps on this machine (HEYQ_DIR; default ./heyq-data)")
	c.RunE = func(c *cobra.Command, _ []string) error {
		settings, _, err := config.Load(p.override(map[string]string{"HEYQ_DIR": *dir}))
		if err != nil {
			return err
		}
		self, err := app.Adopt(c.Context(), settings, func(what string) { p.screen.Printf("%s %s\n", screen.Bad("!"), what) })
		if err != nil {
			return err
		}
		p.screen.Printf("%s everything belongs to installation %s now\n", screen.Good("✓"), self.ID)
		return nil
	}
	return c
}
