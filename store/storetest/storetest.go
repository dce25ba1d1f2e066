package storetest

import (
	"testing"
	"time"

	"heyq/store"
)

// Harness is a store with store.DefaultTiming over an empty, migrated database
// of its own, closed at the end of the test.
type Harness struct {
	Store store.Store
	// Advance makes d pass for the database. It is called while nothing else
	// uses the store.
	Advance func(d time.Duration)
}

// Run runs the whole suite. open is called once a test, from parallel tests.
func Run(t *testing.T, open func(t testing.TB) Harness) {
	groups := []struct {
		name  string
		tests []test
	}{
		{"create", createTests},
		{"list", listTests},
		{"viewer", viewerTests},
		{"users", userTests},
		{"passwords", passwordTests},
		{"api keys", apiKeyTests},
		{"shares", shareTests},
		{"departed users", departedTests},
		{"notification secrets", notifySecretTests},
		{"keys", keyTests},
		{"admit", admitTests},
		{"gate", gateTests},
		{"probe", probeTests},
		{"turns", turnTests},
		{"limits", limitTests},
		{"tasks", taskTests},
		{"fence", fenceTests},
		{"dispatch", dispatchTests},
		{"lapse", lapseTests},
		{"end", endTests()},
		{"last answer", answerTests},
		{"cancel", cancelTests},
		{"cancel all", asCancelAll(cancelTests)},
		{"retry", retryTests},
		{"refetch", refetchTests},
		{"resolve", resolveTests},
		{"jobs", jobTests},
		{"requeue", requeueTests},
		{"backlog", backlogTests},
		{"hint", hintTests},
		{"live", liveTests},
		{"analyses", analysisTests},
		{"endpoints", endpointTests},
		{"notify", notifyTests},
		{"notify deliver", notifyDeliverTests},
		{"alerts", alertTests},
		{"upkeep", upkeepTests},
		{"installation", installationTests},
		{"scheduled", scheduledTests},
		{"retention", retentionTests},
		{"trace", traceTests},
		{"origin", originTests},
		{"model", modelTests()},
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			for _, test := range g.tests {
				t.Run(test.name, func(t *testing.T) {
					t.Parallel()
					test.run(newScene(t, open(t)))
				})
			}
		})
	}
}

// test is one history that starts with an empty store.
type test struct {
	name string
	run  func(s *scene)
}
