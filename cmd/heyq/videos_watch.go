package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
	"heyq/internal/fault"
	"heyq/store"
)

func (p *program) videosWatch() *cobra.Command {
	c := &cobra.Command{
		Use:   "watch [ID...]",
		Short: "Follow videos until each has ended",
		Long: `Follow videos until each has ended, without an id all that have not: live on a
terminal, a line for each change elsewhere, and with --json each change as one line
of JSON.

The exit code is 0 if all completed, and 4 if one failed or was cancelled. A
heyq that restarts meanwhile is waited for.`,
		Args: wants(0, -1, "ids"),
	}
	asJSON := jsonFlag(c)
	interval := c.Flags().Duration("interval", time.Second, "time between two looks if the heyq tells nothing live")
	c.RunE = func(c *cobra.Command, ids []string) error {
		client, _, err := p.client()
		if err != nil {
			return err
		}
		if *interval <= 0 {
			return fault.New(fault.Invalid, "--interval is %s; give more than zero", *interval)
		}
		for _, id := range ids { // a wrong one is told before anything is shown
			if _, err := client.Videos.Get(c.Context(), id); err != nil {
				return err
			}
		}
		if len(ids) == 0 {
			if ids, err = openVideos(c.Context(), client); err != nil {
				return err
			}
			if len(ids) == 0 {
				p.aside.Println("no video is on its way")
				return nil
			}
		}
		w := &watch{program: p, client: client, ids: ids, interval: *interval, videos: seen{}}
		return w.run(c.Context(), *asJSON)
	}
	return c
}

// openVideos are the ids of those that have not ended, as they come in the listing.
func openVideos(ctx context.Context, client *client.Client) (ids []string, err error) {
	seen := map[string]bool{} // one that moves on meanwhile is met twice
	for _, state := range []store.State{store.Queued, store.Submitting, store.Rendering, store.Downloading} {
		for page, last := 1, false; !last; page++ {
			l, err := client.Videos.List(ctx, state, page, pageSize)
			if err != nil {
				return nil, err
			}
			for _, v := range l.Videos {
				if !seen[v.ID] {
					seen[v.ID] = true
					ids = append(ids, v.ID)
				}
			}
			last = len(l.Videos) < pageSize
		}
	}
	return ids, nil
}

// listed is how many videos are all listed at the end.
const listed = 30

// watch shows what becomes of some videos.
type watch struct {
	*program
	client   *client.Client
	ids      []string
	interval time.Duration
	videos   seen
}

// seen are videos as they were last seen, by id.
type seen map[string]client.Video

func (w *watch) run(ctx context.Context, asJSON bool) error {
	if w.screen.Live() && !asJSON {
		if err := w.live(ctx); err != nil {
			return err
		}
		w.showEnds()
	} else if err := w.lines(ctx, asJSON); err != nil {
		return err
	}
	return w.verdict()
}

// live draws one bar for all of them.
func (w *watch) live(ctx context.Context) error {
	states := map[string]store.State{}
	tally := w.screen.Tally(len(w.ids))
	defer tally.Close()
	follow := newFollower(w.client, w.ids, func(v client.Video) {
		w.videos[v.ID], states[v.ID] = v, v.State
	})
	return follow.run(ctx, w.interval, func() { tally.Show(stateCounts(states)) })
}

// lines writes one for each change.
func (w *watch) lines(ctx context.Context, asJSON bool) error {
	encoder := jsonEncoder(w.stdout)
	var broken error
	follow := newFollower(w.client, w.ids, func(v client.Video) {
		if w.videos[v.ID].State == v.State {
			return
		}
		w.videos[v.ID] = v
		if asJSON {
			broken = encoder.Encode(v)
			return
		}
		w.screen.Printf("%s  %s  %s%s\n", time.Now().Format(time.TimeOnly), v.ID, screen.State(v.State), reason(v))
	})
	if err := follow.run(ctx, w.interval, func() {}); err != nil {
		return err
	}
	return broken
}

// showEnds writes what became of each video, or, of many, of those that did
// not complete.
func (w *watch) showEnds() {
	t := screen.Table{Headings: []string{"id", "state", "title", "length\t", "size\t"}}
	for _, id := range w.ids {
		v := w.videos[id]
		if len(w.ids) > listed && v.State == "completed" {
			continue
		}
		length, size := "", ""
		if v.File != nil {
			length, size = seconds(v.File.DurationSeconds), screen.Bytes(v.File.Bytes)
		}
		t.Rows = append(t.Rows, []string{v.ID, screen.State(v.State) + reason(v), humanTitle(v.Title), length, size})
	}
	if len(t.Rows) > 0 {
		w.screen.Println()
		w.screen.Table(t)
	}
}

func reason(v client.Video) string {
	if v.Failure == nil {
		return ""
	}
	return fmt.Sprintf(" (%s: %s)", v.Failure.Code, v.Failure.Message)
}

// verdict is an error unless every video completed.
func (w *watch) verdict() error {
	completed := 0
	for _, v := range w.videos {
		if v.State == "completed" {
			completed++
		}
	}
	if completed == len(w.videos) {
		return nil
	}
	return fault.New(fault.Conflict, "%d of %d videos did not complete", len(w.videos)-completed, len(w.videos)).
		WithHint("see why with heyq videos get ID, and try again with heyq videos retry ID")
}
