package chaos

import (
	"os"
	"strings"
	"testing"
)

// TestScenarios_are_documented keeps the table of docs/reliability.md as the
// scenarios are.
func TestScenarios_are_documented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/reliability.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, s := range Scenarios() {
		if row := "| `" + s.Name + "` | " + s.Proves + " |"; !strings.Contains(string(text), row) {
			t.Errorf("the table has no row that begins with\n%s", row)
		}
		if seen[s.Name] {
			t.Errorf("%s is there twice", s.Name)
		}
		seen[s.Name] = true
	}
}

// A scenario that cannot be played is found here and not in the middle of it.
func TestScenarios_have_scripts_within_their_span(t *testing.T) {
	t.Parallel()
	for _, s := range Scenarios() {
		o := Defaults
		s.Prepare(&o)
		script := s.script(o)
		if len(script) == 0 {
			t.Errorf("%s does nothing", s.Name)
		}
		for _, f := range script {
			if f.strike == nil || f.At > o.Span || f.Name == "" || f.On == "" {
				t.Errorf("%s: %+v within %s", s.Name, f, o.Span)
			}
		}
		if o.Timing.Grace > 0 && o.Timing.Lease > 0 && o.Timing.Grace <= o.Timing.CreateTimeout+o.Timing.Lease {
			t.Errorf("%s: grace %s is too short", s.Name, o.Timing.Grace)
		}
	}
}
