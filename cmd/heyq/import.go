package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"heyq/app"
	"heyq/cmd/heyq/internal/screen"
	"heyq/config"
	"heyq/internal/fault"
	"heyq/store/transfer"
)

// movedWithin is how old an archive is that comes from a move. An older one is
// a backup: what was queued in it may have been sent since, and HeyGen forgets
// within a day that it was.
const movedWithin = time.Hour

func (p *program) importArchive() *cobra.Command {
	c := &cobra.Command{
		Use:   "import FILE.jsonl",
		Short: "Fill an empty database from a file that heyq export wrote",
		Long: `Fill an empty database from a file that heyq export wrote: that of DATABASE_URL,
whose tables heyq migrate up has made, or the SQLite database in the data folder.
A dash reads standard input. All of it is taken or nothing, and no process may work on
the database meanwhile. Redis is not asked.

The heyq that the file comes from has to be stopped, and to stay so: two of them
would render the same videos. Where the file is more than an hour old, admission is
paused afterwards: look at what was rendered since, then heyq admission resume.

The videos' files are not in it: copy them, or point HEYQ_MEDIA_URL to where they
are.`,
		Example: `  heyq import heyq.jsonl
  gunzip -c heyq.jsonl.gz | heyq import -`,
		Args: wants(1, 1, "one file, or a dash"),
	}
	dir := c.Flags().String("dir", "", "folder for what heyq keeps on this machine (HEYQ_DIR; default ./heyq-data)")
	c.RunE = func(c *cobra.Command, args []string) error {
		settings, _, err := config.Load(p.override(map[string]string{"HEYQ_DIR": *dir}))
		if err != nil {
			return err
		}
		in := io.NopCloser(p.stdin)
		if args[0] != "-" {
			if in, err = os.Open(args[0]); err != nil {
				return fault.Wrap(err, fault.NotFound, "the file cannot be read: %v", err)
			}
		}
		defer in.Close()
		r, err := p.readArchive(c.Context(), settings, in)
		if err != nil {
			return err
		}
		p.screen.Printf("%s %s rows of %s were imported\n", screen.Good("✓"), screen.Count(r.Header.Rows()), r.Header.Source)
		if r.Paused != "" {
			p.screen.Printf("%s admission is paused, for the file is from %s: make sure that nothing was rendered since,\n  then heyq admission resume\n",
				screen.Bad("!"), clock(r.Header.At))
		}
		return nil
	}
	return c
}

func (p *program) readArchive(ctx context.Context, settings config.Config, in io.Reader) (r *transfer.Reader, err error) {
	target, err := app.OpenStore(ctx, settings)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	if err := target.CheckSchema(ctx); err != nil {
		return nil, err
	}
	known, err := target.Migrations(ctx)
	if err != nil {
		return nil, err
	}
	progress, done := p.archiveProgress("import")
	defer done()
	r, err = transfer.NewReader(in, known[len(known)-1].Name, progress)
	if err != nil {
		return nil, err
	}
	if time.Since(r.Header.At) > movedWithin {
		r.Paused = fmt.Sprintf("imported from a file of %s", r.Header.At.Format(time.RFC3339))
	}
	if err := target.Restore(ctx, r); err != nil || r.Paused == "" {
		return r, err
	}
	return r, target.NoteSetBack(ctx)
}
