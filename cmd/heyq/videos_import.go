package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
	"heyq/cmd/heyq/internal/sheet"
	"heyq/internal/fault"
)

func (p *program) videosImport() *cobra.Command {
	c := &cobra.Command{
		Use:   "import FILE.csv",
		Short: "Create a video for each line of a CSV file",
		Long: `Create a video for each line of a CSV file. - reads standard input.

The first line names the columns: the fields of a video as "heyq videos create" has
them, with _ for -, and variables.<name> and metadata.<key>. All lines are checked
before anything is created, and nothing is unless all are good or --partial is given.
With --partial the others are written to FILE.rejected.csv, each behind what is wrong
with it: mend them there, and import that file.

An import may simply be run again, after an interruption or with mended lines: a line
makes its video once in a week, whatever stands around it in the file. To make one
anew, change it, say in a column metadata.run. Lines of a file that are the same are
as many videos.`,
		Example: `  heyq videos import examples/people.csv`,
		Args:    wants(1, 1, "one file"),
	}
	i := &importing{program: p}
	asJSON := jsonFlag(c)
	c.Flags().BoolVar(&i.partial, "partial", false, "create the good lines although others are bad")
	c.Flags().BoolVar(&i.yes, "yes", false, "do not ask before videos that cost money")
	c.Flags().StringVar(&i.notifyURL, "notify-url", "", "who is told when a video has ended, by a signed POST, where its line does not say (default HEYQ_NOTIFY_URL of the heyq)")
	dryRun := c.Flags().Bool("dry-run", false, "only check the file")
	c.RunE = func(c *cobra.Command, args []string) error {
		client, config, err := p.client()
		if err != nil {
			return err
		}
		i.client, i.price, i.bars = client, config.HeyGen.PricePerSecond, p.screen
		if *asJSON {
			i.bars = p.aside
		}
		if i.sheet, err = readSheet(args[0], p.stdin); err != nil {
			return err
		}
		i.path = args[0]
		result, err := i.run(c.Context(), *dryRun)
		if err != nil {
			return err
		}
		if *asJSON {
			return p.json(result)
		}
		p.showImport(result, *dryRun)
		return nil
	}
	return c
}

func readSheet(path string, stdin io.Reader) (*sheet.Sheet, error) {
	if path == "-" {
		return sheet.Read(stdin)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, unreadable(err)
	}
	defer file.Close()
	return sheet.Read(file)
}

// importing is one run of the command.
type importing struct {
	*program
	client  *client.Client
	bars    *screen.Screen
	price   float64 // US dollars a second
	sheet   *sheet.Sheet
	path    string // of the file; -: standard input
	partial bool
	yes     bool

	notifyURL string // of lines that name none
}

// imported is the result of an import.
type imported struct {
	Lines    int             `json:"lines"`
	Created  int             `json:"created"`
	Existing int             `json:"existing"` // were there already
	Failed   []sheet.Cell    `json:"failed"`
	Rejected string          `json:"rejected,omitempty"` // the file that the bad lines are in
	Videos   []importedVideo `json:"videos"`
}

type importedVideo struct {
	Line  int    `json:"line"`
	ID    string `json:"id"`
	State string `json:"state"` // empty: it was there already, and was removed since

	Existing bool `json:"existing,omitempty"`
}

func (i *importing) run(ctx context.Context, dryRun bool) (imported, error) {
	result := imported{
		Lines:  len(i.sheet.Rows) + distinctLines(i.sheet.Bad),
		Failed: []sheet.Cell{}, Videos: []importedVideo{},
	}
	batches := split(i.sheet.Rows)
	good, bad, err := i.check(ctx, batches)
	if err != nil {
		return result, err
	}
	result.Failed = append(result.Failed, bad...)
	if len(bad) > 0 && !i.partial {
		return result, i.refuse(bad, result.Lines)
	}
	if dryRun {
		return result, nil
	}
	if len(bad) > 0 && i.path != "-" {
		if result.Rejected, err = i.writeRejected(bad); err != nil {
			return result, err
		}
	}
	if good == 0 {
		return result, nil
	}
	if err := i.consent(ctx, batches, good); err != nil {
		return result, err
	}
	err = i.create(ctx, batches, good, &result)
	return result, err
}

// refuse names every wrong line.
func (i *importing) refuse(bad []sheet.Cell, lines int) error {
	err := fault.New(fault.Invalid, "%d of %s not valid; nothing was created",
		distinctLines(bad), counted(lines, "line")).
		WithHint("mend them, or create the others with --partial, which writes the bad ones to a file")
	for _, cell := range bad {
		name := fmt.Sprintf("line %d", cell.Line)
		if cell.Field != "" {
			name += ", " + cell.Field
		}
		_ = err.WithField(name, cell.Value, "%s", cell.Message)
	}
	return err
}

// create sends every batch. What is bad in it was told before, and is passed
// over by the API.
func (i *importing) create(ctx context.Context, batches []batch, good int, result *imported) error {
	bar := i.bars.Bar("accepted", int64(good), screen.Count)
	defer bar.Close()
	for _, b := range batches {
		bodies, err := b.bodies(i.notifyURL)
		if err != nil {
			return err
		}
		items, err := i.client.Videos.CreateBatch(ctx, client.Batch{Videos: bodies, Partial: i.partial})
		if err != nil {
			return interruptedImport(err, result.Created)
		}
		for _, item := range items {
			if item.Error != nil {
				continue
			}
			if item.Existing {
				result.Existing++
			} else {
				result.Created++
			}
			result.Videos = append(result.Videos, importedVideo{b[item.Index].Line, item.ID, string(item.State), item.Existing})
			bar.Add(1)
		}
	}
	return nil
}

// interruptedImport says how to go on after an import that broke off.
func interruptedImport(err error, created int) error {
	if created == 0 || fault.CodeOf(err) != fault.Unavailable {
		return err
	}
	return fault.Wrap(err, fault.Unavailable, "%v; %s had been accepted", err, counted(created, "video")).
		WithHint("run the same command again: it goes on where it stopped")
}

func (p *program) showImport(r imported, dryRun bool) {
	for _, cell := range r.Failed {
		p.screen.Printf("  %s\n", cell)
	}
	if len(r.Failed) > 0 {
		p.screen.Printf("%s not valid: %s\n", screen.Bad("✗"), counted(distinctLines(r.Failed), "line"))
	}
	if r.Rejected != "" {
		p.screen.Printf("  mend them in %s, and import it\n", r.Rejected)
	}
	if dryRun {
		p.screen.Printf("%s good: %s of %s; nothing was created\n", screen.Good("✓"),
			screen.Count(int64(r.Lines-distinctLines(r.Failed))), counted(r.Lines, "line"))
		return
	}
	p.screen.Printf("%s %s accepted\n", screen.Good("✓"), counted(r.Created, "video"))
	if r.Existing > 0 {
		p.screen.Printf("  %s there already, of an import in the last week%s\n", wereThere(r.Existing), lost(r.Videos))
	}
	p.screen.Println(screen.Dim("  see them with: heyq videos list"))
}

func wereThere(n int) string {
	if n == 1 {
		return "1 was"
	}
	return screen.Count(int64(n)) + " were"
}

// lost counts the videos that an earlier import made and that will not complete by
// themselves.
func lost(videos []importedVideo) string {
	n := 0
	for _, v := range videos {
		if v.Existing && (v.State == "failed" || v.State == "cancelled") {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("; %s failed or cancelled: try them again with heyq jobs requeue", screen.Count(int64(n)))
}

func distinctLines(cells []sheet.Cell) int {
	lines := make([]int, len(cells))
	for i, cell := range cells {
		lines[i] = cell.Line
	}
	slices.Sort(lines)
	return len(slices.Compact(lines))
}
