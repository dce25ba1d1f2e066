package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"heyq/app"
	"heyq/cmd/heyq/internal/screen"
	"heyq/internal/fault"
	"heyq/wire"
)

func (p *program) doctor() *cobra.Command {
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Find out what is wrong, and say what to do about it",
		Long: `Find out what is wrong, and say what to do about it. It looks at everything that a
heyq of this environment needs: the configuration, the database with its
migrations and its clock, Redis, admission and the queues, the HeyGen key and its
balance, the webhook, the media store, room on the disk; and asks the heyq at
HEYQ_URL, if one runs. Nothing is changed, and nothing is created at HeyGen.

It works beside a running heyq that has its SQLite database to itself: then that
one is asked.

The exit code is 0 if nothing is broken, though something may be worth mending; 2
if the configuration is; and 5 if anything else is.`,
		Example: `  heyq doctor
  heyq doctor --json | jq '.findings[] | select(.severity == "broken")'`,
		Args: wantsNone,
	}
	asJSON := jsonFlag(c)
	dir := c.Flags().String("dir", "", "folder for what heyq keeps on this machine (HEYQ_DIR; default ./heyq-data)")
	c.RunE = func(c *cobra.Command, _ []string) error {
		list := app.Examine(c.Context(), p.override(map[string]string{"HEYQ_DIR": *dir}), p.askRunning)
		if err := c.Context().Err(); err != nil {
			return err
		}
		if *asJSON {
			return errors.Join(p.json(diagnosis{verdictOf(list), list}), brokenOf(list))
		}
		p.showFindings(list)
		return brokenOf(list)
	}
	return c
}

// diagnosis is what --json prints.
type diagnosis struct {
	Verdict  wire.Severity  `json:"verdict"` // the worst severity
	Findings []wire.Finding `json:"findings"`
}

// askRunning asks the heyq at HEYQ_URL how it is.
func (p *program) askRunning(ctx context.Context) (wire.Readiness, error) {
	client, _, err := p.client()
	if err != nil {
		return wire.Readiness{}, err
	}
	return client.Server.Ready(ctx)
}

// severities are in the order of their weight.
var severities = []wire.Severity{wire.Fine, wire.Note, wire.Warning, wire.Broken}

func countFindings(list []wire.Finding) map[wire.Severity]int {
	counts := map[wire.Severity]int{}
	for _, f := range list {
		counts[f.Severity]++
	}
	return counts
}

func verdictOf(list []wire.Finding) wire.Severity {
	counts, worst := countFindings(list), wire.Fine
	for _, s := range severities {
		if counts[s] > 0 {
			worst = s
		}
	}
	return worst
}

// brokenOf is an error if anything is broken.
func brokenOf(list []wire.Finding) error {
	code, broken := fault.Invalid, 0
	for _, f := range list {
		if f.Severity != wire.Broken {
			continue
		}
		broken++
		if f.Check != "configuration" {
			code = fault.Unavailable
		}
	}
	if broken == 0 {
		return nil
	}
	return fault.New(code, "%s broken", plural(broken, "thing is", "things are")).
		WithHint("what to do stands beside each; ask again when it is done")
}

// showFindings writes a line for each, and what to do under it.
func (p *program) showFindings(list []wire.Finding) {
	last := ""
	for _, f := range list {
		name := f.Check
		if name == last {
			name = ""
		}
		last = f.Check
		text := f.What
		if f.LatencyMS > 0 {
			text += screen.Dim(fmt.Sprintf("  %.1f ms", f.LatencyMS))
		}
		p.screen.Hang(markOf(f.Severity)+" "+screen.Bold(fmt.Sprintf("%-13s", name))+"  ", text)
		if f.Remedy != "" {
			p.screen.Hang(strings.Repeat(" ", 17)+screen.Dim("→")+" ", f.Remedy)
		}
	}
	p.screen.Println()
	switch n := countFindings(list)[wire.Warning]; {
	case verdictOf(list) == wire.Broken: // which the error says
	case n > 0:
		p.screen.Printf("%s nothing is broken; %s mending\n", screen.Warn("!"), plural(n, "thing is worth", "things are worth"))
	default:
		p.screen.Printf("%s all is well\n", screen.Good("✓"))
	}
}

func markOf(s wire.Severity) string {
	switch s {
	case wire.Fine:
		return screen.Good("✓")
	case wire.Warning:
		return screen.Warn("!")
	case wire.Broken:
		return screen.Bad("✗")
	}
	return screen.Dim("·")
}
