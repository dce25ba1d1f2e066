package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"heyq/internal/testkit"
)

const (
	alertFile = "../../docs/alerts.yml"
	dashboard = "../../docs/grafana/heyq.json"
)

// query is an expression of PromQL, and where it stands.
type query struct{ from, expr string }

// alertRule is a rule of docs/alerts.yml.
type alertRule struct {
	Alert       string
	Expr        string
	For         string
	Labels      map[string]string
	Annotations map[string]string
}

func alerts(t *testing.T) (list []alertRule) {
	t.Helper()
	var file struct{ Groups []struct{ Rules []alertRule } }
	if err := yaml.Unmarshal(contentOf(t, alertFile), &file); err != nil {
		t.Fatal(err)
	}
	for _, group := range file.Groups {
		list = append(list, group.Rules...)
	}
	return list
}

// panel is one of the dashboard's.
type panel struct {
	ID      int
	Type    string
	Title   string
	GridPos struct{ X, Y, W, H int }
	Panels  []panel
	Targets []struct {
		Expr       string
		Datasource struct{ UID string }
	}
	Description string
}

type dashboardFile struct {
	UID, Title string
	Panels     []panel
	Templating struct {
		List []struct{ Name, Type, Query string }
	}
}

func grafana(t *testing.T) (d dashboardFile) {
	t.Helper()
	if err := json.Unmarshal(contentOf(t, dashboard), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// queries are all that the alerts and the dashboard ask.
func queries(t *testing.T) (list []query) {
	t.Helper()
	for _, a := range alerts(t) {
		list = append(list, query{"the alert " + a.Alert, a.Expr})
	}
	for _, p := range grafana(t).Panels {
		for _, target := range p.Targets {
			list = append(list, query{"the panel " + p.Title, target.Expr})
		}
	}
	return list
}

func contentOf(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func promtool(t *testing.T, args ...string) {
	t.Helper()
	out, err := exec.Command(testkit.Program(t, "promtool", "prometheus"), args...).CombinedOutput()
	if err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func TestAlerts(t *testing.T) {
	t.Parallel()
	promtool(t, "check", "rules", alertFile)
	promtool(t, "test", "rules", "testdata/alerts_test.yml")
	if len(alerts(t)) < 10 {
		t.Errorf("there are %d alerts", len(alerts(t)))
	}
	for _, a := range alerts(t) {
		// HeyqDispatchLag is explained under heyq-dispatch-lag.
		want := "docs/operations.md#" + strings.ToLower(regexp.MustCompile(`(\w)([A-Z])`).ReplaceAllString(a.Alert, "$1-$2"))
		if a.Annotations["runbook"] != want {
			t.Errorf("%s has the runbook %q, want %q", a.Alert, a.Annotations["runbook"], want)
		}
		if a.Annotations["summary"] == "" || a.Annotations["description"] == "" || a.For == "" ||
			!slices.Contains([]string{"critical", "warning"}, a.Labels["severity"]) {
			t.Errorf("%s lacks a summary, a description, a duration or a severity: %+v", a.Alert, a)
		}
	}
}

func TestDashboard(t *testing.T) {
	t.Parallel()
	d := grafana(t)
	if d.UID != "heyq" || len(d.Templating.List) == 0 || d.Templating.List[0].Name != "datasource" || d.Templating.List[0].Type != "datasource" {
		t.Errorf("it is %s, with the variables %+v", d.UID, d.Templating.List)
	}
	var rows []string
	ids := map[int]bool{}
	taken := map[[2]int]string{} // the cells of the grid
	for _, p := range d.Panels {
		if ids[p.ID] || p.ID == 0 {
			t.Errorf("%s has the id %d, which another one has", p.Title, p.ID)
		}
		ids[p.ID] = true
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" || x >= 24 {
					t.Fatalf("%s lies on %q", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
		if p.Type == "row" {
			rows = append(rows, p.Title)
			continue
		}
		if len(p.Targets) == 0 || p.Description == "" || p.Title == "" {
			t.Errorf("%q asks nothing, or does not say what", p.Title)
		}
		for _, target := range p.Targets {
			if target.Datasource.UID != "${datasource}" {
				t.Errorf("%s asks %q, and not the Prometheus that was chosen", p.Title, target.Datasource.UID)
			}
		}
	}
	if want := []string{"Is it well?", "Pipeline", "HeyGen", "Queues", "Operations", "Process"}; !slices.Equal(rows, want) {
		t.Errorf("the rows are %q, want %q", rows, want)
	}
}

// promtool reads each expression, as a rule that records it.
func TestDashboard_expressions_parse(t *testing.T) {
	t.Parallel()
	type rule struct {
		Record string `yaml:"record"`
		Expr   string `yaml:"expr"`
	}
	var rules []rule
	for i, q := range queries(t) {
		rules = append(rules, rule{fmt.Sprintf("expression_%d", i), q.expr})
	}
	encoded, err := yaml.Marshal(map[string]any{"groups": []any{map[string]any{"name": "dashboard", "rules": rules}}})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "rules.yml")
	if err := os.WriteFile(path, encoded, 0o600); err != nil {
		t.Fatal(err)
	}
	promtool(t, "check", "rules", path)
}

// fromElsewhere are the metrics that Prometheus adds itself.
var fromElsewhere = []string{"up"}

// Alerts and panels that name what is not there would be silent for ever.
func TestE2E_metrics_are_what_alerts_and_dashboard_name(t *testing.T) {
	t.Parallel()
	environ := startUp(t)
	heyq(t, environ, "videos", "create", "--title", "Hello", "--script", "Hello", "--avatar-id", "avatar_1", "--voice-id", "voice_1").wantOK(t)
	testkit.Eventually(t, func() error {
		exported := namesIn(scrape(t, environ))
		var missing []string
		for _, q := range queries(t) {
			for _, name := range metricsIn(q.expr) {
				if !exported[name] && !slices.Contains(fromElsewhere, name) {
					missing = append(missing, q.from+" names "+name)
				}
			}
		}
		if len(missing) > 0 {
			return errors.New(strings.Join(missing, ", ") + ", which /metrics does not export")
		}
		return nil
	})
	exported := namesIn(scrape(t, environ))
	for _, name := range fromElsewhere {
		if exported[name] {
			t.Errorf("%s is exported: it does not belong to fromElsewhere", name)
		}
	}
	for _, name := range []string{ // others rely on these
		"heyq_operation_duration_seconds_count", "heyq_videos", "heyq_slots_held", "heyq_slots_limit", "heyq_backlog_videos", "heyq_backlog_due_videos",
		"heyq_backlog_oldest_seconds", "heyq_dispatch_lag_seconds", "heyq_queue_tasks", "heyq_queue_latency_seconds", "heyq_queue_paused",
		"heyq_queue_processed_total", "heyq_queue_failed_total", "heyq_queue_open_jobs", "heyq_queue_oldest_seconds", "heyq_admission_open",
		"heyq_admission", "heyq_spend_usd_total", "heyq_webhook_deliveries_total", "heyq_build_info", "heyq_stats_processes",
	} {
		if !exported[name] {
			t.Errorf("%s is not exported", name)
		}
	}
}

// What is switched off is gone, and all else works.
func TestE2E_statistics_that_are_off(t *testing.T) {
	t.Parallel()
	environ := startUp(t, "HEYQ_STATS=false")
	created := decode[struct{ ID string }](t, heyq(t, environ, "videos", "create", "--json",
		"--title", "Hello", "--script", "Hello", "--avatar-id", "avatar_1", "--voice-id", "voice_1").wantOK(t))
	heyq(t, environ, "videos", "watch", created.ID).wantOK(t)
	heyq(t, environ, "stats").want(t, 3, "statistics are switched off", "HEYQ_STATS=false")
	if answer := get(t, environ, "/metrics"); answer.StatusCode != http.StatusNotFound {
		t.Errorf("/metrics answers %s", answer.Status)
	}
}

// scrape is what Prometheus gets.
func scrape(t *testing.T, environ []string) string {
	t.Helper()
	answer := get(t, environ, "/metrics")
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("/metrics answers %s (%v)", answer.Status, err)
	}
	return string(text)
}

// get asks the heyq that commands find in environ, as its operator.
func get(t *testing.T, environ []string, path string) *http.Response {
	t.Helper()
	answer, err := ask(t, environ, path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	return answer
}

// ask does the same of a heyq that may be away.
func ask(t *testing.T, environ []string, path string) (*http.Response, error) {
	t.Helper()
	of := map[string]string{}
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		of[name] = value
	}
	token := of["HEYQ_OPERATOR_TOKEN"]
	if token == "" {
		token = strings.TrimSpace(string(contentOf(t, filepath.Join(of["HEYQ_DIR"], "operator-token"))))
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, of["HEYQ_URL"]+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	return http.DefaultClient.Do(req)
}

// namesIn are the names of the series in a scrape.
func namesIn(text string) map[string]bool {
	names := map[string]bool{}
	for line := range strings.Lines(text) {
		if name := seriesName.FindString(line); name != "" {
			names[name] = true
		}
	}
	return names
}

var (
	seriesName = regexp.MustCompile(`^[a-z]\w*`)

	matchers  = regexp.MustCompile(`\{[^}]*\}`)
	groupings = regexp.MustCompile(`\b(by|without|on|ignoring)\s*\([^)]*\)`)
	exprWords = regexp.MustCompile(`[a-zA-Z_]\w*\s*\(?`)
)

// metricsIn are the metrics that an expression names: what is left of its words
// when functions and operators are taken away.
func metricsIn(expr string) (names []string) {
	expr = groupings.ReplaceAllString(matchers.ReplaceAllString(expr, ""), "")
	for _, word := range exprWords.FindAllString(expr, -1) {
		name := strings.TrimSpace(word)
		if strings.HasSuffix(name, "(") || slices.Contains([]string{"and", "or", "unless", "bool", "m", "h"}, name) {
			continue
		}
		names = append(names, name)
	}
	return names
}

func TestMetricsIn(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string]string{
		`max(heyq_a)`: "heyq_a",
		`sum by (type) (rate(heyq_a{type!="x"}[5m])) / sum(heyq_b) > 0.9 and max(heyq_c) == 1`: "heyq_a heyq_b heyq_c",
		`topk(12, sum by (type, name) (rate(heyq_a_sum[5m])))`:                                 "heyq_a_sum",
		`1 - (sum(rate(heyq_a{outcome="failure"}[24h])) or vector(0)) / sum(rate(heyq_a[5m]))`: "heyq_a heyq_a",
	} {
		if got := strings.Join(metricsIn(expr), " "); got != want {
			t.Errorf("%s names %q, want %q", expr, got, want)
		}
	}
}
