package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"heyq/internal/testkit/golden"
)

// TestDocuments keeps .env.example and docs/config.md as the structs are.
func TestDocuments(t *testing.T) {
	vars := documented()
	golden.Want(t, "../.env.example", envExample(vars))
	golden.Want(t, "../docs/config.md", markdown(vars))
}

// documented lists the variables that people are told of.
func documented() []variable {
	return slices.DeleteFunc(variables(&Config{}), func(v variable) bool { return v.Hidden })
}

func TestVariables_are_all_described(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range variables(&Config{}) {
		if v.Text == "" || !strings.HasSuffix(v.Text, ".") {
			t.Errorf("%s: the desc tag is no sentence: %q", v.Name, v.Text)
		}
		if seen[v.Name] {
			t.Errorf("%s is there twice", v.Name)
		}
		seen[v.Name] = true
	}
	for _, rule := range slices.Concat(rules, policyRules) {
		if !seen[rule.name] {
			t.Errorf("there is a rule for %s, which does not exist", rule.name)
		}
	}
	for _, l := range limits {
		if !seen[l.name] {
			t.Errorf("there is a limit for %s, which does not exist", l.name)
		}
	}
}

// An example that is loaded as it stands must set nothing but defaults.
func TestEnvExample_is_harmless(t *testing.T) {
	var environ []string
	for line := range strings.Lines(envExample(documented())) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			environ = append(environ, line)
		}
	}
	if len(environ) != 0 {
		t.Errorf("sets %v", environ)
	}
}

const generated = "Generated from config/config.go by go generate ./config; do not edit."

func envExample(vars []variable) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n# Every variable of heyq. Nothing needs to be set. What is shown is the default.\n", generated)
	group := ""
	for _, v := range vars {
		if v.Group != group {
			group = v.Group
			fmt.Fprintf(&b, "\n# --- %s\n", group)
		}
		fmt.Fprintln(&b)
		for _, line := range wrap(v.Text, 98) {
			fmt.Fprintf(&b, "# %s\n", line)
		}
		fmt.Fprintf(&b, "#%s=%s\n", v.Name, v.Default)
		if v.Secret {
			fmt.Fprintf(&b, "#%s_FILE=\n", v.Name)
		}
	}
	return b.String()
}

func markdown(vars []variable) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<!-- %s -->

# Configuration

heyq is configured by its environment, and needs nothing set: without a word it runs on SQLite, its own Redis and
its own simulator. A variable set to nothing counts as not set. `+"`heyq config check`"+` prints every problem at once.

A secret can also be given in a file: `+"`HEYGEN_API_KEY_FILE=/run/secrets/heygen`"+`. White space around it is cut
off. Durations have a unit (`+"`250ms`, `20s`, `2m`, `23h`"+`), sizes may have one (`+"`500MB`, `4GiB`"+`).
`, generated)
	group := ""
	for _, v := range vars {
		if v.Group != group {
			group = v.Group
			fmt.Fprintf(&b, "\n## %s\n\n| variable | default | |\n|---|---|---|\n", group)
		}
		name, def := "`"+v.Name+"`", ""
		if v.Secret {
			name += "<br>`" + v.Name + "_FILE`"
		}
		if v.Default != "" {
			def = "`" + v.Default + "`"
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", name, def, v.Text)
	}
	fmt.Fprint(&b, "\n## What is warned about\n\nThese work, and give up some of the safety that the defaults have.\n\n| variable | safe | otherwise |\n|---|---|---|\n")
	for _, l := range limits {
		bound := "at least"
		if l.most {
			bound = "at most"
		}
		fmt.Fprintf(&b, "| `%s` | %s %s | %s |\n", l.name, bound, short(l.limit), l.why)
	}
	return b.String()
}

// wrap breaks text into lines of at most width bytes, at its spaces.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
