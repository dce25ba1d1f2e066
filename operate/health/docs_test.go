package health_test

import (
	"cmp"
	"flag"
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"heyq/config"
	"heyq/operate/health"
)

var update = flag.Bool("update", false, "write the table into docs/operations.md anew")

const (
	runbook = "../../docs/operations.md"
	begin   = "| heyq asks | degraded | broken | `/readyz` | its section | `docs/alerts.yml` |\n|---|---|---|---|---|---|\n"
)

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The runbook shows the table, and has a section for each question.
func TestRunbook_shows_the_table(t *testing.T) {
	t.Parallel()
	page := read(t, runbook)
	before, rest, ok := strings.Cut(page, begin)
	if !ok {
		t.Fatal("docs/operations.md has no table of questions")
	}
	shown, after, _ := strings.Cut(rest, "\n\n")
	var want strings.Builder
	for _, q := range health.Questions {
		if !strings.Contains(page, "### "+q.Name+"\n") {
			t.Errorf("docs/operations.md has no section %s", q.Name)
		}
		rule := cmp.Or(q.Rule, "–")
		if q.Rule != "" {
			rule += " (`" + q.Expr + "`)"
		}
		want.WriteString("| " + strings.Join([]string{
			q.Asks, cmp.Or(q.Degraded, "–"), cmp.Or(q.Broken, "–"), cmp.Or(q.Check, "–"), "[" + q.Name + "](#" + q.Name + ")", rule,
		}, " | ") + " |\n")
	}
	table := strings.TrimSuffix(want.String(), "\n")
	if *update {
		if err := os.WriteFile(runbook, []byte(before+begin+table+"\n\n"+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if shown != table {
		t.Errorf("docs/operations.md shows another table; go test ./operate/health -update writes it:\n%s", table)
	}
}

// Each rule of Prometheus' asks a question of the table, with its bound.
func TestAlerts_have_the_bounds_of_the_table(t *testing.T) {
	t.Parallel()
	var file struct {
		Groups []struct {
			Rules []struct{ Alert, Expr string }
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, "../../docs/alerts.yml")), &file); err != nil {
		t.Fatal(err)
	}
	exprs := map[string]string{}
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			exprs[r.Alert] = r.Expr
		}
	}
	asked := map[string]bool{}
	for _, q := range health.Questions {
		if q.Rule == "" {
			continue
		}
		asked[q.Rule] = true
		if expr := exprs[q.Rule]; !strings.Contains(expr+"\n", q.Expr+"\n") && !strings.Contains(expr, q.Expr+" ") {
			t.Errorf("%s: docs/alerts.yml asks %q, and the table of %s says %q", q.Rule, expr, q.Name, q.Expr)
		}
	}
	for rule := range exprs {
		if !asked[rule] {
			t.Errorf("%s asks nothing that the table has", rule)
		}
	}
}

// The bounds of documents are the defaults of the variables.
func TestBounds_are_the_defaults(t *testing.T) {
	t.Parallel()
	c, _, err := config.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	a := c.Alert
	if a.QueueAge != health.DispatchBroken || a.FreeDisk != health.DiskLowest || a.SuccessRate != health.SuccessRate ||
		a.DatabaseAverage != health.Average || a.RedisAverage != health.Average || a.FileAverage != health.Average || a.HTTPAverage != health.Average {
		t.Errorf("the variables are by default %+v", a)
	}
}
