package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/pflag"

	"heyq/operate/alert"
)

func runbook(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// sections of the runbook, by their anchors.
func sections(text string) map[string]string {
	found := map[string]string{}
	for _, part := range regexp.MustCompile(`(?m)^##+ `).Split(text, -1)[1:] {
		title, body, _ := strings.Cut(part, "\n")
		found[strings.ReplaceAll(strings.ToLower(title), " ", "-")] = body
	}
	return found
}

// An operator who is woken finds what the alert means, and what to type.
func TestRunbook_has_a_section_for_each_alert(t *testing.T) {
	t.Parallel()
	parts := sections(runbook(t))
	for _, rule := range alert.Rules {
		if body := parts[rule.Name]; !strings.Contains(body, rule.Command) {
			t.Errorf("%s: its message says to type %q, and its section does not", rule.Name, rule.Command)
		}
	}
	rules, err := os.ReadFile("../../docs/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^\s*- alert: (\w+)$`).FindAllStringSubmatch(string(rules), -1) {
		if body := parts[dashed(m[1])]; !strings.Contains(body, "heyq ") {
			t.Errorf("%s has no section %s with a command", m[1], dashed(m[1]))
		}
	}
}

// dashed is HeyqQueueOld as heyq-queue-old.
func dashed(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// What the runbook says to type can be typed.
func TestRunbook_commands_exist(t *testing.T) {
	t.Parallel()
	commands := 0
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(runbook(t), -1) {
		for line := range strings.Lines(block[1]) {
			line, _, _ = strings.Cut(line, " #")
			words := strings.Fields(line)
			if len(words) < 2 || words[0] != "heyq" {
				t.Errorf("what is %q?", strings.TrimSpace(line))
				continue
			}
			commands++
			checkCommand(t, words[1:])
		}
	}
	for _, rule := range alert.Rules {
		checkCommand(t, strings.Fields(rule.Command)[1:])
	}
	if commands < 20 {
		t.Errorf("it names %d commands only", commands)
	}
}

// So can what the README and the other pages show, in whatever way they call heyq.
func TestDocs_commands_exist(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	commands := 0
	called := regexp.MustCompile(`^(?:(?:[A-Z_]+=\S*|sudo|exec|time) +)*(?:\S*/heyq|heyq|go run \./cmd/heyq) (.*)$`)
	for _, page := range append(pages, "../../README.md", "../../CONTRIBUTING.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
			for line := range strings.Lines(strings.ReplaceAll(block[1], "\\\n", " ")) {
				m := called.FindStringSubmatch(strings.TrimSpace(line))
				if m == nil {
					continue
				}
				commands++
				rest := regexp.MustCompile(` (#|[|>&;]).*`).ReplaceAllString(m[1], "") // what the shell does with it
				var words []string
				for _, word := range regexp.MustCompile(`(?:"[^"]*"|'[^']*'|\S)+`).FindAllString(rest, -1) {
					words = append(words, strings.NewReplacer(`"`, "", "'", "").Replace(word))
				}
				t.Run(filepath.Base(page)+": heyq "+strings.Join(words, " "), func(t *testing.T) { checkCommand(t, words) })
			}
		}
	}
	if commands < 80 {
		t.Errorf("they name %d commands only", commands)
	}
}

// checkCommand finds a command in the tree and has it read its flags.
func checkCommand(t *testing.T, words []string) {
	t.Helper()
	command, rest, err := (&program{}).root().Find(words)
	if err == nil && !command.HasParent() {
		err = errors.New("there is no such command")
	}
	if err == nil {
		err = command.ParseFlags(rest)
	}
	if errors.Is(err, pflag.ErrHelp) {
		return
	}
	if err == nil {
		err = command.ValidateArgs(command.Flags().Args())
	}
	if err != nil {
		t.Errorf("heyq %s: %v", strings.Join(words, " "), err)
	}
}
