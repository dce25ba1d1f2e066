package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"heyq/cmd/heyq/internal/remote"
	"heyq/cmd/heyq/internal/screen"
	"heyq/cmd/heyq/internal/sheet"
	"heyq/internal/fault"
)

func (p *program) videosImport() *cobra.Command {
	c := &cobra.Command{
		Use:   "import FILE.csv",
		Short: "Create a video for each line of a CSV file",
		Long: `Create a video for each line of a CSV file. - reads standard input.

The first line names the columns: the fields of a video as POST /v1/videos takes
them, and variables.<name> and metadata.<key>. All lines are checked before
anything is created, and nothing is unless all are good or --partial is given.

An import that was interrupted is simply run again: the same file creates each
video once, for a day.`,
		Example: `  heyq videos import examples/people.csv`,
		Args:    wants(1, 1, "one file"),
	}
	i := &importing{program: p}
	asJSON := jsonFlag(c)
	c.Flags().BoolVar(&i.partial, "partial", false, "create the good lines although others are bad")
	c.Flags().BoolVar(&i.yes, "yes", false, "do not ask before videos that cost money")
	dryRun := c.Flags().Bool("dry-run", false, "only check the file")
	c.RunE = func(c *cobra.Command, args []string) error {
		client, config, err := p.remote()
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
	client  *remote.Client
	bars    *screen.Screen
	price   float64 // US dollars a second
	sheet   *sheet.Sheet
	partial bool
	yes     bool
}

// imported is what a run came to.
type imported struct {
	Lines   int             `json:"lines"`
	Created int             `json:"created"`
	Failed  []sheet.Cell    `json:"failed"`
	Videos  []importedVideo `json:"videos"`
}

type importedVideo struct {
	Line  int    `json:"line"`
	ID    string `json:"id"`
	State string `json:"state"`
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
	if dryRun || good == 0 {
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
		WithHint("mend them, or create the others with --partial")
	for _, cell := range bad {
		name := fmt.Sprintf("line %d", cell.Line)
		if cell.Field != "" {
			name += ", " + cell.Field
		}
		err.Fields = append(err.Fields, fault.Field{Name: name, Value: cell.Value, Message: cell.Message})
	}
	return err
}

// create sends every batch. What is bad in it was told before, and is passed
// over by the API.
func (i *importing) create(ctx context.Context, batches []batch, good int, result *imported) error {
	bar := i.bars.Bar("accepted", int64(good), screen.Count)
	defer bar.Close()
	for n, b := range batches {
		items, err := i.client.CreateBatch(ctx, remote.Batch{
			Bodies: b.bodies(), Key: i.key(n), Partial: i.partial,
		})
		if err != nil {
			return interruptedImport(err, result.Created)
		}
		created := 0
		for _, item := range items {
			if item.Error != nil {
				continue
			}
			created++
			result.Videos = append(result.Videos, importedVideo{b[item.Index].Line, item.ID, item.State})
		}
		result.Created += created
		bar.Add(int64(created))
	}
	return nil
}

// key makes a batch of this file the same batch whenever it is sent.
func (i *importing) key(n int) string {
	mode := "all"
	if i.partial {
		mode = "partial"
	}
	return fmt.Sprintf("import-%s-%s-%d", i.sheet.Sum, mode, n)
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
	if dryRun {
		p.screen.Printf("%s good: %s of %s; nothing was created\n", screen.Good("✓"),
			screen.Count(int64(r.Lines-distinctLines(r.Failed))), counted(r.Lines, "line"))
		return
	}
	p.screen.Printf("%s %s accepted\n", screen.Good("✓"), counted(r.Created, "video"))
	p.screen.Println(screen.Dim("  see them with: heyq videos list"))
}

func distinctLines(cells []sheet.Cell) int {
	lines := make([]int, len(cells))
	for i, cell := range cells {
		lines[i] = cell.Line
	}
	slices.Sort(lines)
	return len(slices.Compact(lines))
}
