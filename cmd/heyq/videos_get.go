package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
	"heyq/internal/fault"
	"heyq/wire"
)

func (p *program) videosGet() *cobra.Command {
	c := &cobra.Command{
		Use:   "get ID...",
		Short: "Show videos and what became of them when",
		Long: `Show videos and what became of them when.

With --heygen HeyGen is asked about each, and what it tells now is shown as well.
With --json one id prints one video, and several print a list of items, each with its
video or its error.`,
		Example: `  heyq videos get 0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e
  heyq videos get --heygen $(heyq videos list --json | jq -r '.videos[].id')`,
		Args: wants(1, -1, "ids of videos"),
	}
	asJSON := jsonFlag(c)
	ask := c.Flags().Bool("heygen", false, "also ask HeyGen about each")
	c.RunE = func(c *cobra.Command, ids []string) error {
		client, _, err := p.client()
		if err != nil {
			return err
		}
		if len(ids) == 1 && !*ask {
			return p.getVideo(c.Context(), client, ids[0], *asJSON)
		}
		return p.lookVideosUp(c.Context(), client, ids, *ask, *asJSON)
	}
	return c
}

func (p *program) getVideo(ctx context.Context, c *client.Client, id string, asJSON bool) error {
	v, err := c.Videos.Get(ctx, id)
	if err != nil {
		return err
	}
	if asJSON {
		return p.json(v)
	}
	p.showVideo(v)
	return nil
}

// lookVideosUp shows what is known of each. Its error is that some could not be looked up.
func (p *program) lookVideosUp(ctx context.Context, c *client.Client, ids []string, ask, asJSON bool) error {
	var items []client.LookupItem
	for some := range slices.Chunk(ids, wire.MaxLookup) {
		found, err := c.Videos.Lookup(ctx, wire.Lookup{IDs: some, Stored: !ask})
		if err != nil {
			return err
		}
		items = append(items, found...)
	}
	if asJSON {
		if err := p.json(items); err != nil {
			return err
		}
	}
	var failed *fault.Error
	for i, item := range items {
		if item.Error != nil {
			if failed == nil {
				failed = fault.New(item.Error.Code, "not all could be looked up")
			}
			_ = failed.WithField(item.ID, nil, "%s", item.Error.Message)
		}
		if asJSON || item.Video == nil {
			continue
		}
		if i > 0 {
			p.screen.Println()
		}
		p.showVideo(*item.Video)
		p.showRender(item.HeyGen)
	}
	if failed == nil {
		return nil
	}
	return failed
}

// showRender writes what HeyGen tells; nil: it has told nothing.
func (p *program) showRender(r *wire.HeyGenRender) {
	if r == nil {
		return
	}
	pairs := [][2]string{{"HeyGen says", r.Status}}
	if r.DurationSeconds > 0 {
		pairs = append(pairs, [2]string{"duration", seconds(r.DurationSeconds)})
	}
	if r.FailureCode != "" {
		pairs = append(pairs, [2]string{"its failure", fmt.Sprintf("%s: %s", screen.Bad(r.FailureCode), r.FailureMessage)})
	}
	if r.VideoURL != "" {
		pairs = append(pairs, [2]string{"link", r.VideoURL})
	}
	p.screen.Println()
	p.screen.Pairs(pairs...)
}

func (p *program) showVideo(v client.Video) {
	pairs := [][2]string{
		{"id", screen.Bold(v.ID)},
		{"title", v.Title},
		{"state", screen.State(v.State)},
		{"HeyGen id", orZero(v.HeyGenID)},
	}
	if v.ETA != nil && v.Progress != nil {
		pairs = append(pairs, [2]string{"done", fmt.Sprintf("%d %%; all of it about %s, probably between %s and %s", *v.Progress, clock(v.ETA.At), clock(v.ETA.Low), clock(v.ETA.High))})
	}
	if v.LastAnswer != nil {
		pairs = append(pairs, [2]string{"not clear", *v.LastAnswer})
	}
	if v.Failure != nil {
		pairs = append(pairs, [2]string{"failure", fmt.Sprintf("%s in %s: %s", screen.Bad(v.Failure.Code), v.Failure.Step, v.Failure.Message)})
	}
	if v.Priority != 0 {
		pairs = append(pairs, [2]string{"priority", fmt.Sprint(v.Priority)})
	}
	if v.NotBefore != nil {
		pairs = append(pairs, [2]string{"not before", clock(*v.NotBefore)})
	}
	for _, key := range slices.Sorted(maps.Keys(v.Metadata)) {
		pairs = append(pairs, [2]string{"metadata " + key, v.Metadata[key]})
	}
	if v.NotifyURL != nil {
		pairs = append(pairs, [2]string{"tells", *v.NotifyURL})
	}
	if f := v.File; f != nil {
		pairs = append(pairs,
			[2]string{"file", fmt.Sprintf("%s, %s, %d×%d", screen.Bytes(f.Bytes), seconds(f.DurationSeconds), f.Width, f.Height)},
			[2]string{"SHA-256", f.SHA256})
	}
	if v.FilesRemovedAt != nil {
		pairs = append(pairs, [2]string{"files", "removed " + clock(*v.FilesRemovedAt)})
	}
	p.screen.Pairs(pairs...)
	p.showTimeline(v.Timeline)
}

// showTimeline writes when each state began and how long it lasted.
func (p *program) showTimeline(timeline []wire.Event) {
	if len(timeline) == 0 {
		return
	}
	t := screen.Table{Headings: []string{"state", "since", "for\t"}}
	for i, e := range timeline {
		lasted := ""
		if i+1 < len(timeline) {
			lasted = seconds(since(e.At, timeline[i+1].At))
		}
		t.Rows = append(t.Rows, []string{screen.State(e.State), clock(e.At), lasted})
	}
	p.screen.Println()
	p.screen.Table(t)
}
