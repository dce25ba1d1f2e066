package main

import (
	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
	"heyq/store"
)

func (p *program) videosList() *cobra.Command {
	c := &cobra.Command{
		Use:     "list",
		Short:   "List videos, newest first",
		Example: `  heyq videos list --state failed`,
		Args:    wantsNone,
	}
	asJSON := jsonFlag(c)
	state := c.Flags().String("state", "", "only those that are queued, submitting, rendering, downloading, completed, failed or cancelled")
	page := c.Flags().Int("page", 1, "which page")
	perPage := c.Flags().Int("per-page", 20, "videos on a page")
	c.RunE = func(c *cobra.Command, _ []string) error {
		client, _, err := p.client()
		if err != nil {
			return err
		}
		l, err := client.Videos.List(c.Context(), store.State(*state), *page, *perPage)
		if err != nil {
			return err
		}
		if *asJSON {
			return p.json(l)
		}
		p.showListing(l)
		return nil
	}
	return c
}

func (p *program) showListing(l client.VideoList) {
	if len(l.Videos) == 0 {
		p.screen.Println("no videos")
		return
	}
	t := screen.Table{Headings: []string{"id", "state", "title", "created", "length\t", "size\t"}}
	for _, v := range l.Videos {
		length, size := "", ""
		if v.File != nil {
			length, size = seconds(v.File.DurationSeconds), screen.Bytes(v.File.Bytes)
		}
		t.Rows = append(t.Rows, []string{
			v.ID, screen.State(v.State), humanTitle(v.Title), screen.Dim(humanize.Time(v.CreatedAt)), length, size,
		})
	}
	p.screen.Table(t)
	p.showPlace(l.Pagination, "video")
}
