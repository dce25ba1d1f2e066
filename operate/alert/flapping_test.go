package alert

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"heyq/store"
)

// watch plays rounds a minute apart: b is a round that finds something bad, g one
// that finds it good, and - one that cannot tell. What starts and ends is written
// behind the round: S and E.
func watch(t *testing.T, rounds string) (history string, alerts []store.Alert) {
	t.Helper()
	l := store.Round{At: noon, Memory: json.RawMessage(`{}`)}
	var out strings.Builder
	for _, what := range rounds {
		m, err := recall(l)
		if err != nil {
			t.Fatal(err)
		}
		var findings []Finding
		if what != '-' {
			findings = []Finding{{Rule: "queue-age", Subject: "download", Bad: what == 'b', Summary: "old"}}
		}
		out.WriteRune(what)
		for _, a := range m.weigh(&l, findings) {
			if a.Active() {
				out.WriteString("S")
			} else {
				out.WriteString("E")
			}
		}
		if l.Memory, err = json.Marshal(m); err != nil {
			t.Fatal(err)
		}
		l.At = l.At.Add(time.Minute)
	}
	return out.String(), l.Alerts
}

func TestWeigh_dampens(t *testing.T) {
	t.Parallel()
	for _, want := range []string{
		"ggg",
		"bgbgb",         // flaps: no message is sent
		"bbSbb",         // told once
		"bbSgbgbgb",     // flaps back: it has not ended
		"bbSggEgg",      // told of the end once
		"bbSggEbgbbSgb", // and anew
		"b-bgb",         // who cannot tell says nothing: two rounds in a row are two that can
		"bbS---ggE",
		"bbS-g-gE",
		"bbS" + strings.Repeat("-", 121) + "E-", // the state is not known any more
	} {
		plain := strings.NewReplacer("S", "", "E", "").Replace(want)
		if got, _ := watch(t, plain); got != want {
			t.Errorf("rounds %s\ngot   %s\nwant  %s", plain, got, want)
		}
	}
}

// What is too little to start an alert keeps one that has started, and what is
// well ends it, however little it is: the cause has ended.
func TestWeigh_few_operations(t *testing.T) {
	t.Parallel()
	l := store.Round{At: noon, Memory: json.RawMessage(`{}`)}
	m, err := recall(l)
	if err != nil {
		t.Fatal(err)
	}
	for i, round := range []struct {
		rate    Rate
		changes int
	}{
		{Rate{Total: 3, Failed: 3}, 0},
		{Rate{Total: 3, Failed: 3}, 0},
		{Rate{Total: 50, Failed: 50}, 0},
		{Rate{Total: 50, Failed: 50}, 1}, // it starts
		{Rate{Total: 3, Failed: 3}, 0},
		{Rate{Total: 3, Failed: 3}, 0},
		{Rate{}, 0},
		{Rate{}, 1}, // it ends: nothing fails any more
	} {
		findings := Check(limits, Figures{Rates: map[string]Rate{"http_request": round.rate}})
		if changed := m.weigh(&l, findings); len(changed) != round.changes {
			t.Errorf("round %d of %+v: changed %+v, want %d", i, round.rate, changed, round.changes)
		}
		l.At = l.At.Add(time.Minute)
	}
	if len(l.Alerts) != 1 || l.Alerts[0].Rule != "success-rate" || l.Alerts[0].Active() {
		t.Errorf("the alerts are %+v", l.Alerts)
	}
}

func TestWeigh_says_since_when_it_was_wrong(t *testing.T) {
	t.Parallel()
	_, alerts := watch(t, "ggbbbgg")
	if len(alerts) != 1 {
		t.Fatalf("got %v", alerts)
	}
	if a := alerts[0]; !a.Since.Equal(noon.Add(2*time.Minute)) || !a.EndedAt.Equal(noon.Add(5*time.Minute)) {
		t.Errorf("wrong from %s to %s", a.Since, a.EndedAt)
	}
}

func TestWeigh_remembers_nothing_where_all_is_well(t *testing.T) {
	t.Parallel()
	l := store.Round{At: noon, Memory: json.RawMessage(`{}`)}
	m, err := recall(l)
	if err != nil {
		t.Fatal(err)
	}
	m.weigh(&l, []Finding{{Rule: "queue-age"}, {Rule: "slots-idle"}})
	if len(m.Signs) != 0 {
		t.Errorf("it remembers %v", m.Signs)
	}
}
