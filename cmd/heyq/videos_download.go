package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
	"heyq/internal/durable"
	"heyq/internal/fault"
)

func (p *program) videosDownload() *cobra.Command {
	c := &cobra.Command{
		Use:   "download ID",
		Short: "Fetch the file of a completed video",
		Long: `Fetch the file of a completed video. It appears under its name when it is whole
and its SHA-256 is the one that the API tells; until then there is nothing.

With --again a file that heyq has lost is first fetched again from HeyGen, which pays
nothing, as long as HeyGen has the video.`,
		Args: wants(1, 1, "one id"),
	}
	asJSON := jsonFlag(c)
	d := download{program: p}
	c.Flags().StringVarP(&d.path, "output", "o", "", "file to write (default ID.mp4 in this folder)")
	c.Flags().BoolVar(&d.again, "again", false, "first have a file that heyq has lost fetched again from HeyGen, for nothing")
	c.Flags().BoolVarP(&d.force, "force", "f", false, "overwrite a file that is there")
	c.RunE = func(c *cobra.Command, args []string) error {
		client, _, err := p.client()
		if err != nil {
			return err
		}
		d.client = client
		d.bars = p.screen
		if *asJSON {
			d.bars = p.aside
		}
		v, err := d.run(c.Context(), args[0])
		if err != nil {
			return err
		}
		if *asJSON {
			return p.json(map[string]any{"id": v.ID, "path": d.path, "bytes": v.File.Bytes, "sha256": v.File.SHA256})
		}
		p.screen.Printf("%s %s (%s)\n", screen.Good("✓"), d.path, screen.Bytes(v.File.Bytes))
		return nil
	}
	return c
}

// download is the way of one file to this machine.
type download struct {
	*program
	client *client.Client
	bars   *screen.Screen
	path   string
	force  bool
	again  bool
}

func (d *download) run(ctx context.Context, id string) (client.Video, error) {
	v, err := d.client.Videos.Get(ctx, id)
	if err != nil {
		return v, err
	}
	if d.again && (v.State == "completed" || v.State == "downloading") {
		if v, err = d.refetch(ctx, v); err != nil {
			return v, err
		}
	}
	if v.File == nil {
		return v, fault.New(fault.Conflict, "video %s is %s and has no file", id, v.State).
			WithHint("follow it with heyq videos watch %s", id)
	}
	if d.path == "" {
		d.path = v.ID + ".mp4"
	}
	if _, err := os.Lstat(d.path); err == nil && !d.force {
		return v, d.exists()
	}
	part, err := d.fetch(ctx, v)
	if part != "" {
		defer os.Remove(part) // nothing is there any more once it was published
	}
	if err != nil {
		return v, err
	}
	return v, d.publish(part)
}

// refetch has the file fetched again if it is lost, and waits for the end of that.
func (d *download) refetch(ctx context.Context, v client.Video) (client.Video, error) {
	if v.State == "completed" {
		found, err := d.client.Videos.Verify(ctx, v.ID)
		if err != nil || found.Whole {
			return v, err
		}
		if v, err = d.client.Videos.Refetch(ctx, v.ID); err != nil {
			return v, err
		}
	}
	follow := newFollower(d.client, []string{v.ID}, func(now client.Video) { v = now })
	if err := follow.run(ctx, time.Second, func() {}); err != nil {
		return v, err
	}
	if v.State != "completed" {
		return v, fault.New(fault.Conflict, "the file of video %s is lost, and could not be fetched again: it is %s%s", v.ID, v.State, reason(v))
	}
	return d.client.Videos.Get(ctx, v.ID)
}

// fetch writes the file beside its place and checks it.
func (d *download) fetch(ctx context.Context, v client.Video) (part string, err error) {
	body, err := d.client.Videos.File(ctx, v.ID)
	if err != nil {
		return "", err
	}
	defer body.Close()
	file, err := os.CreateTemp(filepath.Dir(d.path), ".heyq-*.part")
	if err != nil {
		return "", fault.Wrap(err, fault.Invalid, "cannot write there: %v", err).WithHint("choose another place with --output")
	}
	bar := d.bars.Bar(humanTitle(filepath.Base(d.path)), v.File.Bytes, screen.Bytes)
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(file, sum), bar.Reader(body))
	bar.Close()
	err = errors.Join(err, file.Chmod(0o644), file.Close())
	switch {
	case ctx.Err() != nil:
		return file.Name(), ctx.Err()
	case err != nil:
		return file.Name(), fault.Wrap(err, fault.Unavailable, "the download broke off: %v", err).WithHint("run the command again")
	case n != v.File.Bytes || hex.EncodeToString(sum.Sum(nil)) != v.File.SHA256:
		return file.Name(), fault.New(fault.Internal, "what came is not the file of video %s: its SHA-256 is another", v.ID).
			WithHint("run the command again")
	}
	return file.Name(), nil
}

// publish gives the file its name, and returns when both are on the disk. Without
// --force it never takes the place of another, not even of one that has just come.
func (d *download) publish(part string) error {
	if d.force {
		return durable.Rename(part, d.path)
	}
	if err := durable.Sync(part); err != nil {
		return err
	}
	err := os.Link(part, d.path)
	switch {
	case errors.Is(err, fs.ErrExist):
		return d.exists()
	case err != nil: // a file system without links
		return durable.Rename(part, d.path)
	}
	return durable.Sync(filepath.Dir(d.path))
}

func (d *download) exists() error {
	return fault.New(fault.Conflict, "%s is there already", d.path).
		WithHint("overwrite it with --force, or choose another place with --output")
}
