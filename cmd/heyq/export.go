package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"heyq/app"
	"heyq/cmd/heyq/internal/screen"
	"heyq/config"
	"heyq/internal/build"
	"heyq/internal/durable"
	"heyq/internal/fault"
	"heyq/store/transfer"
)

func (p *program) export() *cobra.Command {
	c := &cobra.Command{
		Use:   "export",
		Short: "Write the whole state to a file, to move or to back up",
		Long: `Write the whole state of the database to a file of JSON Lines: that of DATABASE_URL,
or of the SQLite database in the data folder. It holds the secrets of HeyGen's
webhooks; the videos' files are not in it.

It is the state of one moment, and heyq may be at work meanwhile: that is a backup.
To move, stop every process of heyq first and leave it stopped. What an export does
not know of is done again after the import, and HeyGen remembers for a day only
that it has rendered the same before.`,
		Example: `  heyq export --out heyq.jsonl
  heyq export | gzip > heyq.jsonl.gz`,
		Args: wantsNone,
	}
	out := c.Flags().StringP("out", "o", "", "file to write (default standard output)")
	force := c.Flags().BoolP("force", "f", false, "overwrite a file that is there")
	dir := c.Flags().String("dir", "", "folder for what heyq keeps on this machine (HEYQ_DIR; default ./heyq-data)")
	c.RunE = func(c *cobra.Command, _ []string) error {
		settings, _, err := config.Load(p.override(map[string]string{"HEYQ_DIR": *dir}))
		if err != nil {
			return err
		}
		if *out == "" {
			_, err := p.writeArchive(c.Context(), settings, p.stdout)
			return err
		}
		if _, err := os.Stat(*out); !*force && !errors.Is(err, fs.ErrNotExist) {
			return fault.New(fault.Conflict, "%s is there already", *out).WithHint("choose another name, or overwrite it with --force")
		}
		h, err := p.exportTo(c.Context(), settings, *out)
		if err != nil {
			return err
		}
		p.aside.Printf("%s %s rows of %s are in %s\n", screen.Good("✓"), screen.Count(h.Rows()), h.Source, *out)
		return nil
	}
	return c
}

// exportTo writes a temporary file in the folder of path, and renames it to path when it
// is whole and on the disk.
func (p *program) exportTo(ctx context.Context, settings config.Config, path string) (h transfer.Header, err error) {
	part := path + ".part"
	file, err := os.OpenFile(part, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) // there are secrets in it
	if err != nil {
		return h, fault.Wrap(err, fault.Invalid, "the file cannot be written: %v", err).WithHint("choose another one with --out")
	}
	defer func() {
		if err != nil {
			_ = os.Remove(part)
		}
	}()
	h, err = p.writeArchive(ctx, settings, file)
	if err = errors.Join(err, file.Close()); err != nil {
		return h, err
	}
	return h, durable.Rename(part, path)
}

func (p *program) writeArchive(ctx context.Context, settings config.Config, w io.Writer) (h transfer.Header, err error) {
	source, name, err := app.OpenSource(ctx, settings)
	if err != nil {
		return h, err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	progress, done := p.archiveProgress("export")
	defer done()
	info := build.Read()
	return transfer.Write(ctx, w, source, transfer.Header{HeyQ: fmt.Sprintf("%s (%.12s)", info.Version, info.Commit), Source: name}, progress)
}

// archiveProgress is a bar of rows on standard error. done leaves it as it stands.
func (p *program) archiveProgress(title string) (progress transfer.Progress, done func()) {
	var bar *screen.Bar
	progress.Begin = func(h transfer.Header) { bar = p.aside.Bar(title, h.Rows(), screen.Count) }
	progress.Row = func() { bar.Add(1) }
	return progress, func() {
		if bar != nil {
			bar.Close()
		}
	}
}
