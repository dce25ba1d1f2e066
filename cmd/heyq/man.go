package main

import (
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"github.com/spf13/pflag"

	"heyq/internal/build"
	"heyq/internal/fault"
)

// man writes the manual. It is for those who pack heyq, and so it is hidden.
func (p *program) man() *cobra.Command {
	c := &cobra.Command{
		Use:    "man DIR",
		Short:  "Write the manual pages to a folder",
		Long:   "Write a manual page for each command to a folder, which is made where there is none.",
		Args:   wants(1, 1, "one folder"),
		Hidden: true,
	}
	c.RunE = func(_ *cobra.Command, args []string) error {
		dir := args[0]
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return fault.Wrap(err, fault.Invalid, "cannot use the folder: %v", err)
		}
		if err := doc.GenManTree(p.manual(), manHeader(build.Read()), dir); err != nil {
			return fault.Wrap(err, fault.Invalid, "cannot write the manual: %v", err)
		}
		return nil
	}
	return c
}

// manHeader is the same for the same commit, whenever it is built.
func manHeader(b build.Info) *doc.GenManHeader {
	h := &doc.GenManHeader{Source: "heyq " + b.Version, Manual: "heyq"}
	if at, err := time.Parse(time.RFC3339, b.Time); err == nil {
		h.Date = &at
	}
	return h
}

// manual is the tree of commands in the form in which cobra takes texts for
// manual pages: Markdown.
func (p *program) manual() *cobra.Command {
	root := p.root()
	root.DisableAutoGenTag = true
	root.InitDefaultCompletionCmd()
	root.Long += exitText
	eachCommand(root, func(c *cobra.Command) {
		c.Long, c.Short = markdown(c.Long), literal(c.Short)
		c.Flags().VisitAll(func(f *pflag.Flag) { f.Usage = literal(f.Usage) })
	})
	return root
}

const exitText = `

The exit code is 0 where a command did what it was asked to, 2 where it was asked
for something that cannot be, 3 where there is no such thing, 4 where its state
does not allow it, 5 where something that is needed does not answer, 130 where it
was interrupted, and 1 otherwise. An error says what is wrong, with which value,
and what to do; with --json it says so as JSON.`

// eachCommand calls visit for c and everything below it.
func eachCommand(c *cobra.Command, visit func(*cobra.Command)) {
	visit(c)
	for _, below := range c.Commands() {
		eachCommand(below, visit)
	}
}

// markdown writes a help text so that its paragraphs flow and what is set in
// columns, or indented, stays as it is.
func markdown(text string) string {
	paragraphs := strings.Split(strings.TrimSpace(text), "\n\n")
	for i, paragraph := range paragraphs {
		paragraph = strings.TrimPrefix(paragraph, "#### ") // cobra's own headings
		if strings.Contains(paragraph, "  ") || strings.Contains(paragraph, "\t") {
			paragraphs[i] = "```\n" + strings.Trim(paragraph, "\n") + "\n```"
			continue
		}
		paragraphs[i] = literal(paragraph)
	}
	return strings.Join(paragraphs, "\n\n")
}

// literal keeps Markdown from seeing anything in text but words.
func literal(text string) string {
	return marks.Replace(text)
}

var marks = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, ">", `\>`, "#", `\#`, "|", `\|`,
	"\n- ", "\n\\- ", "\n+ ", "\n\\+ ",
)
