package main

import (
	"context"
	"sync"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
	"heyq/internal/fault"
	"heyq/wire"
)

// verifiedAtOnce is how many files are read at once.
const verifiedAtOnce = 4

func (p *program) videosVerify() *cobra.Command {
	c := &cobra.Command{
		Use:   "verify [ID...]",
		Short: "Compare files with what was published",
		Long: `Read the files of completed videos to their end, and compare size and SHA-256 with
those that they were published with. Files that are gone or differ are told, and with
--refetch fetched again from HeyGen, which pays nothing.

The exit code is 0 if all files are whole, and 4 if one is not, also where it is
fetched again.`,
		Example: `  heyq videos verify --all
  heyq videos verify --all --refetch`,
	}
	asJSON := jsonFlag(c)
	all := c.Flags().Bool("all", false, "every completed video whose files are kept")
	background := c.Flags().Bool("background", false, "answer at once: heyq tasks tells what came of it")
	v := verification{program: p}
	c.Flags().BoolVar(&v.refetch, "refetch", false, "have what is lost fetched again from HeyGen")
	c.MarkFlagsMutuallyExclusive("background", "all")
	c.MarkFlagsMutuallyExclusive("background", "refetch")
	c.RunE = func(c *cobra.Command, ids []string) error {
		if *all == (len(ids) > 0) {
			return fault.New(fault.Invalid, "heyq videos verify takes ids, or --all").WithHint("see heyq videos verify --help")
		}
		client, _, err := p.client()
		if err != nil {
			return err
		}
		v.client, v.asJSON = client, *asJSON
		if *background {
			return v.start(c.Context(), ids)
		}
		return v.run(c.Context(), ids)
	}
	return c
}

// verification reads files and tells what is lost.
type verification struct {
	*program
	client  *client.Client
	refetch bool
	asJSON  bool

	mu    sync.Mutex // guards what follows, and the screen
	Whole int        `json:"whole"`
	Lost  []lostFile `json:"lost"`
}

// lostFile is one that is gone, or is not what was published.
type lostFile struct {
	ID        string `json:"id"`
	Message   string `json:"message"`
	Refetched bool   `json:"refetched"`
	Problem   string `json:"problem,omitempty"` // why it is not fetched again, though it was to be
}

func (v *verification) run(ctx context.Context, ids []string) error {
	v.Lost = []lostFile{}
	if len(ids) == 0 {
		var err error
		if ids, err = v.all(ctx); err != nil {
			return err
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(verifiedAtOnce)
	for _, id := range ids {
		group.Go(func() error { return v.verify(ctx, id) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if v.asJSON {
		if err := v.json(map[string]any{"whole": v.Whole, "lost": v.Lost}); err != nil {
			return err
		}
	} else {
		v.screen.Printf("%s of %s are whole\n", screen.Count(int64(v.Whole)), counted(v.Whole+len(v.Lost), "file"))
	}
	return v.verdict()
}

// start has the files read in the background.
func (v *verification) start(ctx context.Context, ids []string) error {
	started := make([]wire.StartedTask, len(ids))
	for i, id := range ids {
		var err error
		if started[i], err = v.client.Videos.StartVerify(ctx, id); err != nil {
			return err
		}
		if !v.asJSON {
			v.screen.Printf("%s %s is verified by task %s: heyq tasks get %s\n", screen.Good("✓"), id, screen.Bold(started[i].TaskID), started[i].TaskID)
		}
	}
	if v.asJSON {
		return v.json(started)
	}
	return nil
}

// all lists the completed videos whose files are kept, before any of them is fetched
// again and leaves the listing.
func (v *verification) all(ctx context.Context) (ids []string, err error) {
	for video, err := range v.client.Videos.All(ctx, client.VideoFilter{State: "completed"}) {
		if err != nil {
			return nil, err
		}
		if video.File != nil && video.FilesRemovedAt == nil {
			ids = append(ids, video.ID)
		}
	}
	return ids, nil
}

func (v *verification) verify(ctx context.Context, id string) error {
	found, err := v.client.Videos.Verify(ctx, id)
	if err != nil {
		return err
	}
	lost := lostFile{ID: id, Message: found.Message}
	if !found.Whole && v.refetch {
		_, err := v.client.Videos.Refetch(ctx, id)
		switch code := fault.CodeOf(err); {
		case err == nil:
			lost.Refetched = true
		case code == fault.Conflict || code == fault.Gone:
			lost.Problem = err.Error()
		default:
			return err
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if found.Whole {
		v.Whole++
		return nil
	}
	v.Lost = append(v.Lost, lost)
	if !v.asJSON {
		v.show(lost)
	}
	return nil
}

func (v *verification) show(lost lostFile) {
	became := ""
	switch {
	case lost.Refetched:
		became = "; it is fetched again from HeyGen, for nothing"
	case lost.Problem != "":
		became = "; it is not fetched again: " + lost.Problem
	}
	v.screen.Printf("%s %s: %s%s\n", screen.Bad("✗"), screen.Bold(lost.ID), lost.Message, became)
}

// verdict is an error unless every file is whole.
func (v *verification) verdict() error {
	if len(v.Lost) == 0 {
		return nil
	}
	f := fault.New(fault.Conflict, "%s are lost", counted(len(v.Lost), "file"))
	if len(v.Lost) == 1 {
		f = fault.New(fault.Conflict, "1 file is lost")
	}
	if !v.refetch {
		return f.WithHint("--refetch has what is lost fetched again from HeyGen, for nothing; first see that the media store is the right one, and mounted")
	}
	return f.WithHint("see how far they are with heyq videos list --state downloading; what HeyGen has deleted can only be rendered again")
}
