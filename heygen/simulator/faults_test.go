package simulator_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"heyq/heygen/simulator"
)

const simFault = "X-Sim-Fault"

// faulty sets the rules, each of which must be good.
func (a *account) faulty(rules ...simulator.Rule) {
	a.t.Helper()
	if err := a.SetFaults(simulator.Faults{Seed: 7, Rules: rules}); err != nil {
		a.t.Fatal(err)
	}
}

// fired returns how often a fault such as create/hang fired.
func (a *account) fired(name string) int {
	_, fired := a.Faults()
	return fired[name]
}

func TestFaults_overHTTP(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	set := `{"seed":7,"rules":[{"on":"create","fault":"throttle","rate":0.5,"count":3,"retry_after":2,"title":"x","for_ms":5000,"delay_ms":10}]}`
	want := set[:len(set)-1] + `,"fired":{}}`
	keyless := []string{"X-Api-Key", ""}
	for _, call := range []struct{ method, body string }{{"POST", set}, {"GET", ""}} {
		if r := a.do(call.method, "/_sim/faults", call.body, keyless...); r.status != 200 || r.body != want {
			t.Errorf("%s: %d %s", call.method, r.status, r.body)
		}
	}
	got, _ := a.Faults()
	rule := simulator.Rule{On: "create", Fault: "throttle", Rate: 0.5, Count: 3, For: 5 * time.Second, Delay: 10 * time.Millisecond, RetryAfter: 2, Title: "x"}
	if diff := cmp.Diff(simulator.Faults{Seed: 7, Rules: []simulator.Rule{rule}}, got); diff != "" {
		t.Error(diff)
	}
	if r := a.do("DELETE", "/_sim/faults", nil, keyless...); r.status != 200 || r.body != `{"seed":0,"rules":[],"fired":{}}` {
		t.Errorf("DELETE: %d %s", r.status, r.body)
	}
}

func TestFaults_refusesNonsense(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	for body, says := range map[string]string{
		`{"rules":[{"on":"create","fault":"stuck"}]}`:               `rule 1: unknown fault \"stuck\" on create; known: hang, accept_hang, `,
		`{"rules":[{"on":"creation","fault":"hang"}]}`:              `nothing goes wrong on \"creation\"; known: create, file, list, status, title, webhook`,
		`{"rules":[{"on":"create","fault":"hang","rate":1.5}]}`:     "rate 1.5 is not from 0 to 1",
		`{"rules":[{"on":"create","fault":"hang","for_ms":-1}]}`:    "must not be negative",
		`{"rules":[{"on":"create","fault":"hang","chance":0.5}]}`:   `unknown field \"chance\"`,
		`{"rules":[{"on":"create","fault":"hang"}],"sead":7}`:       `unknown field \"sead\"`,
		`{"rules":[{"on":"create","fault":"hang","rate":"often"}]}`: "rate",
	} {
		if r := a.do("POST", "/_sim/faults", body); r.status != 400 || !strings.Contains(r.body, says) {
			t.Errorf("%s: %d %s", body, r.status, r.body)
		}
	}
	for _, header := range []string{"no_such_fault", "hang; delay_ms=soon", "hang; when=now"} {
		if r := a.do("POST", "/v3/videos", avatar("one"), simFault, header); r.status != 400 || a.Ledger().Accepted != 0 {
			t.Errorf("%s: %d %s", header, r.status, r.body)
		}
	}
}

// TestFaults_hitTheSame is the promise behind a seed: who is hit depends on the
// key and not on the order.
func TestFaults_hitTheSame(t *testing.T) {
	t.Parallel()
	const n = 400
	hits := func(seed uint64, from, step int) map[string]int {
		a := start(t, simulator.Options{Concurrency: 10 * n})
		if err := a.SetFaults(simulator.Faults{Seed: seed, Rules: []simulator.Rule{{On: "create", Fault: "unpaid", Rate: 0.25}}}); err != nil {
			t.Fatal(err)
		}
		hit := map[string]int{}
		for i := range n {
			key := fmt.Sprintf("k.%d", from+i*step)
			for again := range 2 {
				if r := a.do("POST", "/v3/videos", avatar("one"), idempotencyKey, key); r.status == 402 {
					hit[key] += 1 + again
				}
			}
		}
		return hit
	}
	up, down := hits(9, 0, 1), hits(9, n-1, -1)
	if diff := cmp.Diff(up, down); diff != "" {
		t.Error(diff)
	}
	if len(up) < n/3 || len(up) > n/2 { // 1-0.75² of them are hit at least once
		t.Errorf("%d of %d keys were hit at a rate of 0.25 in two goes", len(up), n)
	}
	if cmp.Equal(up, hits(8, 0, 1)) {
		t.Error("another seed hits the same")
	}
}

func TestFaults_limits(t *testing.T) {
	t.Parallel()
	c := newClock()
	a := start(t, simulator.Options{Clock: c.now})
	statuses := func(titles ...string) []int {
		var all []int
		for _, title := range titles {
			all = append(all, a.do("POST", "/v3/videos", avatar(title)).status)
		}
		return all
	}
	check := func(what string, want, got []int) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}

	a.faulty(simulator.Rule{On: "create", Fault: "error_500", Count: 2})
	check("count", []int{500, 500, 200}, statuses("a", "a", "a"))
	a.faulty(simulator.Rule{On: "create", Fault: "error_500", Title: "bad"})
	check("title", []int{200, 500, 200}, statuses("a", "so bad", "b"))
	a.faulty(simulator.Rule{On: "create", Fault: "error_500", For: time.Minute})
	check("for", []int{500}, statuses("a"))
	c.advance(time.Minute)
	check("for, later", []int{200}, statuses("a"))
	a.faulty(simulator.Rule{On: "create", Fault: "unpaid", Count: 1}, simulator.Rule{On: "create", Fault: "error_500", Count: 1})
	check("the first rule", []int{402, 500, 200}, statuses("a", "a", "a"))
	a.faulty()
	check("none", []int{200}, statuses("a"))

	_, fired := a.Faults()
	if diff := cmp.Diff(map[string]int{"create/error_500": 5, "create/unpaid": 1}, fired); diff != "" {
		t.Error(diff)
	}
}

// TestFaults_header hits the one request that carries it.
func TestFaults_header(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	r := a.do("POST", "/v3/videos", avatar("one"), simFault, "throttle; retry_after=60")
	if r.status != 429 || r.header.Get("Retry-After") != "60" {
		t.Errorf("%d %v", r.status, r.header)
	}
	if r := a.do("GET", "/v3/videos", nil, simFault, "throttle"); r.status != 200 {
		t.Errorf("a fault that a list cannot have: %d", r.status)
	}
	if r := a.do("POST", "/v3/videos", avatar("one")); r.status != 200 {
		t.Errorf("the next: %d", r.status)
	}
}

func TestFaults_json(t *testing.T) {
	t.Parallel()
	want := simulator.Faults{Seed: 1, Rules: []simulator.Rule{{On: "file", Fault: "slow", Delay: 1500 * time.Millisecond}}}
	raw, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got simulator.Faults
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: %s", raw, diff)
	}
}
