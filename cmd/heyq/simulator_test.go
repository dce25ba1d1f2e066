package main

import (
	"net/http"
	"strings"
	"testing"
)

func TestSimulator(t *testing.T) {
	t.Parallel()
	url := serve(t, nil, "simulator at ", "simulator",
		"--addr", "127.0.0.1:0", "--render-time", "0s", "--api-key", "secret", "--dir", t.TempDir())
	for key, want := range map[string]int{"secret": http.StatusOK, "another": http.StatusUnauthorized} {
		body := strings.NewReader(`{"type":"avatar","avatar_id":"avatar_1","voice_id":"voice_1","script":"Hello"}`)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/v3/videos", body)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Api-Key", key)
		req.Header.Set("Content-Type", "application/json")
		answer, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("key %q: %s, want %d", key, answer.Status, want)
		}
	}
	l, err := readLedger(t.Context(), url)
	if err != nil || len(l.Renders) != 1 {
		t.Errorf("ledger has %d renders, want 1 (%v)", len(l.Renders), err)
	}
}
