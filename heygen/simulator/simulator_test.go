package simulator_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"heyq/heygen/simulator"
)

// account is a simulator behind a real listener, and a client with a key.
type account struct {
	t *testing.T
	*simulator.Simulator
	url string
}

func start(t *testing.T, opts simulator.Options) *account {
	t.Helper()
	sim, err := simulator.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sim)
	t.Cleanup(func() {
		server.Close()
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	})
	return &account{t: t, Simulator: sim, url: server.URL}
}

// result is an answer, read to its end.
type result struct {
	status int
	header http.Header
	body   string
}

// do sends one request with the key "test". Headers come in pairs; an empty
// value takes a header away.
func (a *account) do(method, path string, body any, headers ...string) result {
	a.t.Helper()
	var payload io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		payload = bytes.NewBufferString(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			a.t.Fatal(err)
		}
		payload = bytes.NewReader(raw)
	}
	target := path
	if path[0] == '/' {
		target = a.url + path
	}
	req, err := http.NewRequestWithContext(a.t.Context(), method, target, payload)
	if err != nil {
		a.t.Fatal(err)
	}
	req.Header.Set("X-Api-Key", "test")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return result{resp.StatusCode, resp.Header, string(raw)}
}

// get reads data of a successful answer into T.
func get[T any](a *account, path string) T {
	a.t.Helper()
	return data[T](a.t, a.do("GET", path, nil))
}

func data[T any](t *testing.T, r result) T {
	t.Helper()
	var envelope struct{ Data T }
	if r.status != http.StatusOK {
		t.Fatalf("status %d: %s", r.status, r.body)
	}
	if err := json.Unmarshal([]byte(r.body), &envelope); err != nil {
		t.Fatalf("%v in %s", err, r.body)
	}
	return envelope.Data
}

// refusal is HeyGen's error, with the status beside it.
type refusal struct {
	Status int
	Code   string
	Param  string
}

func refused(t *testing.T, r result) refusal {
	t.Helper()
	var envelope struct {
		Error struct{ Code, Message, Param string }
	}
	if err := json.Unmarshal([]byte(r.body), &envelope); err != nil {
		t.Fatalf("%v in %s", err, r.body)
	}
	if envelope.Error.Message == "" {
		t.Errorf("no message in %s", r.body)
	}
	return refusal{r.status, envelope.Error.Code, envelope.Error.Param}
}

// video is what the tests read of a VideoDetail.
type video struct {
	ID           string
	Status       string
	Title        string
	Duration     float64
	CreatedAt    int64  `json:"created_at"`
	CompletedAt  int64  `json:"completed_at"`
	VideoURL     string `json:"video_url"`
	ThumbnailURL string `json:"thumbnail_url"`
	SubtitleURL  string `json:"subtitle_url"`
	CaptionedURL string `json:"captioned_video_url"`
}

// avatar is the smallest good body.
func avatar(title string) map[string]any {
	return map[string]any{"type": "avatar", "avatar_id": "avatar_1", "script": "Hello, Ada.", "title": title}
}

// create makes a video that must be accepted and returns its id.
func (a *account) create(title string, headers ...string) string {
	a.t.Helper()
	return data[struct {
		VideoID string `json:"video_id"`
	}](a.t, a.do("POST", "/v3/videos", avatar(title), headers...)).VideoID
}

// clock is a clock that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func TestNew_refusesNonsense(t *testing.T) {
	t.Parallel()
	if _, err := simulator.New(simulator.Options{RenderTime: -1}); err == nil {
		t.Error("a negative render time was taken")
	}
}

func TestClose_twice(t *testing.T) {
	t.Parallel()
	sim, err := simulator.New(simulator.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	}
}
