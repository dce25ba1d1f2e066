package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"heyq/api"
	"heyq/heygen"
	"heyq/heygen/simulator"
	"heyq/internal/policy"
	"heyq/jobs"
	"heyq/store"
	"heyq/store/sqlite/sqlitetest"
	"heyq/wire"
)

// Renders are looked up at a HeyGen that fails some, hangs for some, and is away in the end.
func TestLookup_at_the_simulator(t *testing.T) {
	t.Parallel()
	sim, err := simulator.New(simulator.Options{RenderTime: time.Hour, Concurrency: 100})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	var asked atomic.Int32
	done := make(chan struct{})
	heyGen := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			asked.Add(1)
			if strings.HasSuffix(r.URL.Path, "hangs") {
				select {
				case <-done:
				case <-r.Context().Done():
				}
				return
			}
		}
		sim.ServeHTTP(w, r)
	}))
	t.Cleanup(heyGen.Close)
	t.Cleanup(func() { close(done) })
	policies := policy.New(policy.Options{Failures: 3, Open: time.Hour})
	breaker := policies.Breaker("heygen")
	client, err := heygen.New(heygen.Options{
		BaseURL: heyGen.URL, APIKey: "k", Timeout: policies.Timeout("heygen", 10*time.Second), Breaker: breaker,
		Retry: policies.Retry("heygen", 1, policy.Linear(time.Millisecond, time.Millisecond)),
	})
	if err != nil {
		t.Fatal(err)
	}
	db := sqlitetest.Open(t)
	handler := api.New(api.Options{Client: jobs.NewClient(db), Store: db, Renders: renders{client}})

	accepted := func(render func(id uuid.UUID) string) string {
		t.Helper()
		v := store.NewVideo{ID: uuid.Must(uuid.NewV7()), UserID: store.DefaultUser, Request: []byte(`{}`)}
		if _, err := db.CreateVideos(t.Context(), store.Creation{Videos: []store.NewVideo{v}}); err != nil {
			t.Fatal(err)
		}
		claims, err := db.Admit(t.Context(), 1000)
		if err != nil {
			t.Fatal(err)
		}
		runs, err := db.Begin(t.Context(), store.Create, claims)
		if err != nil || len(runs) != 1 {
			t.Fatalf("%d runs, %v", len(runs), err)
		}
		if _, err := db.End(t.Context(), []store.End{store.Accepted(runs[0], render(v.ID), time.Hour)}); err != nil {
			t.Fatal(err)
		}
		return v.ID.String()
	}
	made := func(title string) string {
		return accepted(func(id uuid.UUID) string {
			created, err := client.Videos.Create(t.Context(), heygen.Create{IdempotencyKey: id.String(), Body: map[string]any{
				"type": "avatar", "title": title, "script": "Hello!", "avatar_id": "avatar_1", "voice_id": "voice_1",
			}})
			if err != nil {
				t.Fatal(err)
			}
			return created.ID
		})
	}
	var ids []string
	for i := range 20 {
		ids = append(ids, made(fmt.Sprintf("fine %d", i)))
	}
	fails, hangs := made("fails"), accepted(func(uuid.UUID) string { return "hangs" })
	unknown := accepted(func(uuid.UUID) string { return "unknown" })
	if err := sim.SetFaults(simulator.Faults{Rules: []simulator.Rule{{On: "status", Fault: "error_500", Title: "fails"}}}); err != nil {
		t.Fatal(err)
	}
	ids = append(ids, fails, hangs, unknown, fails)

	lookup := func() (words []string) {
		t.Helper()
		body, _ := json.Marshal(wire.Lookup{IDs: ids})
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/v1/videos/lookup", strings.NewReader(string(body))))
		var answer wire.LookupAnswer
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != http.StatusOK || len(answer.Videos) != len(ids) {
			t.Fatalf("got %d %s", w.Code, w.Body)
		}
		for i, item := range answer.Videos {
			switch {
			case item.ID != ids[i] || item.Video == nil:
				t.Errorf("item %d: %+v", i, item)
			case item.Error != nil:
				words = append(words, string(item.Error.Code))
			default:
				words = append(words, strings.Fields(item.HeyGen.Title)[0])
			}
		}
		return words
	}
	want := strings.Repeat("fine ", 20) + "unavailable unavailable not_found unavailable"
	if got := strings.Join(lookup(), " "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if n := asked.Load(); n != 23 {
		t.Errorf("HeyGen was asked %d times about 23 renders", n)
	}
	for range 3 {
		lookup()
	}
	if state, _, _ := breaker.State(); state != policy.Closed {
		t.Errorf("people's lookups have made the breaker %s", state)
	}

	heyGen.CloseClientConnections()
	heyGen.Listener.Close()
	if got := strings.Join(lookup(), " "); strings.Count(got, "unavailable") != len(ids) {
		t.Errorf("without HeyGen: %s", got)
	}
	for range 3 { // the pipeline finds out
		_, _ = client.Videos.Get(t.Context(), "x")
	}
	if state, _, _ := breaker.State(); state != policy.Open {
		t.Fatalf("the breaker is %s", state)
	}
	start := time.Now()
	if got := strings.Join(lookup(), " "); strings.Count(got, "unavailable") != len(ids) || time.Since(start) > time.Second {
		t.Errorf("with an open breaker: %s after %s", got, time.Since(start))
	}
}
