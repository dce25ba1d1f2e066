package main

import (
	"context"
	"encoding/json"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"heyq/cmd/heyq/internal/screen"
	"heyq/internal/fault"
	"heyq/internal/suggest"
	"heyq/internal/text"
)

// program holds what a command needs from outside: its streams, environment and
// settings.
type program struct {
	environ []string
	stdin   io.Reader
	stdout  io.Writer      // for JSON
	stderr  io.Writer      // for logs
	screen  *screen.Screen // the same, for people
	aside   *screen.Screen // standard error: what is no result
}

// run is heyq: it carries out args and returns the exit code.
func run(ctx context.Context, args, environ []string, stdin io.Reader, stdout, stderr io.Writer) int {
	p := &program{
		environ: environ, stdin: stdin, stdout: stdout, stderr: stderr,
		screen: screen.New(stdout, environ), aside: screen.New(stderr, environ),
	}
	root := p.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	// The word alone asks for JSON, so that a flag which cannot be read is
	// reported as JSON as well.
	return p.report(root.ExecuteContext(ctx), slices.Contains(args, "--json"))
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "heyq",
		Short: "Makes HeyGen videos: never billed twice, never lost",
		Long: `heyq turns requests for HeyGen videos into finished, checked files.

Try it:   heyq demo
Use it:   heyq up, then heyq videos create --help`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddGroup(
		&cobra.Group{ID: "videos", Title: "Make videos:"},
		&cobra.Group{ID: "operate", Title: "See what is wrong, and mend it:"},
		&cobra.Group{ID: "run", Title: "Run heyq:"},
	)
	add := func(group string, commands ...*cobra.Command) {
		for _, c := range commands {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add("videos", p.demo(), p.videos(), p.users(), p.keys(), p.me(), p.login(), p.logout(), p.notifications(), p.webhooks())
	add("operate", p.jobs(), p.queues(), p.admission(), p.turns(), p.limits(), p.tasks(), p.schedule(), p.alerts(), p.stats(), p.log(), p.doctor(), p.ready())
	add("run", p.up(), p.api(), p.worker(), p.scheduler(), p.dashboard(), p.migrate(), p.export(), p.importArchive(), p.adopt(), p.config(), p.simulator())
	root.AddCommand(p.version(), p.man())
	asGroup(root)
	p.complete(root)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return fault.New(fault.Malformed, "%v", err).WithHint("see %s --help", c.CommandPath())
	})
	return root
}

// asGroup makes c a command that only holds others: alone it shows its help,
// and a word that it does not know is an error.
func asGroup(c *cobra.Command) *cobra.Command {
	c.Args = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		err := fault.New(fault.Malformed, "%s has no command %q", c.CommandPath(), args[0])
		if near := c.SuggestionsFor(args[0]); len(near) > 0 {
			return err.WithHint("did you mean %s %s?", c.CommandPath(), suggest.Nearest(args[0], near))
		}
		return err.WithHint("see %s --help", c.CommandPath())
	}
	c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	c.SuggestionsMinimumDistance = 2
	return c
}

// wants checks the number of arguments, which usage names.
func wants(from, to int, usage string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) >= from && (to < 0 || len(args) <= to) {
			return nil
		}
		return fault.New(fault.Malformed, "%s takes %s; it got %d", c.CommandPath(), usage, len(args)).
			WithHint("see %s --help", c.CommandPath())
	}
}

var wantsNone = wants(0, 0, "no arguments")

// jsonFlag adds --json to c.
func jsonFlag(c *cobra.Command) *bool {
	return c.Flags().Bool("json", false, "print JSON on standard output, and errors as JSON on standard error")
}

// json prints v, indented.
func (p *program) json(v any) error {
	e := jsonEncoder(p.stdout)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// jsonEncoder writes JSON that a terminal can show: a title cannot move the cursor.
func jsonEncoder(w io.Writer) *json.Encoder {
	e := json.NewEncoder(escaping{w})
	e.SetEscapeHTML(false)
	return e
}

// escaping is given whole values.
type escaping struct{ io.Writer }

func (w escaping) Write(p []byte) (int, error) {
	_, err := w.Writer.Write(text.EscapeJSON(p))
	return len(p), err
}
