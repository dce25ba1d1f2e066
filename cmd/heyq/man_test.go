package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Each command has a page, and each word of its help stands on it in its order:
// nothing was taken for a mark-up.
func TestMan_says_all_that_help_says(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "man", "man1")
	heyq(t, nil, "man", dir).wantOK(t)

	pages := 0
	root := (&program{}).root()
	eachCommand(root, func(c *cobra.Command) {
		if !c.IsAvailableCommand() && c != root {
			return
		}
		pages++
		name := strings.ReplaceAll(c.CommandPath(), " ", "-")
		raw, err := os.ReadFile(filepath.Join(dir, name+".1"))
		if err != nil {
			t.Error(err)
			return
		}
		page := string(raw)
		for _, section := range []string{".SH NAME\n" + name + " - " + c.Short, ".SH SYNOPSIS", ".SH DESCRIPTION", ".SH OPTIONS"} {
			if !strings.Contains(page, section) {
				t.Errorf("%s has no %q", name, section)
			}
		}
		said := strings.Fields(unroffed.Replace(page))
		texts := []string{c.Long, c.Example}
		c.LocalFlags().VisitAll(func(f *pflag.Flag) { texts = append(texts, f.Usage) })
		for _, text := range texts {
			if missing := firstMissing(strings.Fields(text), said); missing != "" {
				t.Errorf("%s does not say %q of\n%s", name, missing, text)
			}
		}
	})
	if pages < 20 {
		t.Errorf("looked at %d pages only", pages)
	}
}

// What is set in columns stays so.
func TestMarkdown(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"One line\nand another.", "One line\nand another."},
		{"a_b <c> [d] *e* `f` #g|h", "a\\_b \\<c\\> \\[d\\] \\*e\\* \\`f\\` \\#g\\|h"},
		{"Choose:\n\n  --a_b  this\n  --c    that", "Choose:\n\n```\n  --a_b  this\n  --c    that\n```"},
		{"read\n- from standard input", "read\n\\- from standard input"},
	} {
		if got := markdown(test.text); got != test.want {
			t.Errorf("markdown(%q) is %q, want %q", test.text, got, test.want)
		}
	}
}

func TestMan_needs_a_folder(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	heyq(t, nil, "man", filepath.Join(file, "man")).want(t, 2, "cannot use the folder", file)
}

// unroffed takes roff's own signs out of a page.
var unroffed = strings.NewReplacer(`\&`, "", `\fB`, "", `\fP`, "", `\-`, "-", `\\`, `\`, ".PP\n", "")

// firstMissing returns the first of words that does not follow those before it
// in said; "": all do.
func firstMissing(words, said []string) string {
	from := 0
	for _, word := range words {
		for from < len(said) && said[from] != word {
			from++
		}
		if from == len(said) {
			return word
		}
	}
	return ""
}
