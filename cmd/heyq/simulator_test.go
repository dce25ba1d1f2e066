package main

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
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

// Who is connected and asks for nothing does not make an orderly end a failure.
func TestSimulator_ends_with_a_silent_guest(t *testing.T) {
	t.Parallel()
	var guest net.Conn
	t.Cleanup(func() { _ = guest.Close() }) // after the end, which serve looks at
	url := serve(t, nil, "simulator at ", "simulator", "--addr", "127.0.0.1:0")
	var err error
	if guest, err = net.Dial("tcp", strings.TrimPrefix(url, "http://")); err != nil {
		t.Fatal(err)
	}
}

func TestSimulator_faults(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	url := serve(t, nil, "simulator at ", "simulator", "--addr", "127.0.0.1:0",
		"--faults", file("good.json", `{"seed":7,"rules":[{"on":"list","fault":"error_500"}]}`))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/v3/videos", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Api-Key", "any")
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusInternalServerError {
		t.Errorf("a list that must fail: %s", answer.Status)
	}

	for name, content := range map[string]string{"unknown.json": `{"rules":[{"on":"list","fault":"no"}]}`, "torn.json": `{"ru`} {
		got := heyq(t, nil, "simulator", "--addr", "127.0.0.1:0", "--faults", file(name, content))
		if got.code == 0 || !strings.Contains(got.stderr, name) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
