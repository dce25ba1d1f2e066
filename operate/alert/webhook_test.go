package alert

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"heyq/store"
)

// channel is a receiver as Slack is one: it takes JSON with a text.
type channel struct {
	*Webhook

	mu     sync.Mutex
	answer int
	texts  []string // that it took
}

func newChannel(t *testing.T) *channel {
	t.Helper()
	c := &channel{answer: http.StatusOK}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		defer c.mu.Unlock()
		body, err := io.ReadAll(r.Body)
		var message struct{ Text string }
		if err == nil {
			err = json.Unmarshal(body, &message)
		}
		if err != nil || message.Text == "" || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("it got a %s of %q (%v)", r.Method, body, err)
		}
		w.WriteHeader(c.answer)
		if c.answer != http.StatusOK {
			_, _ = io.WriteString(w, "no_service\n")
			return
		}
		c.texts = append(c.texts, message.Text)
	}))
	t.Cleanup(server.Close)
	c.Webhook = NewWebhook(server.URL + "/services/T00/B00/secret")
	return c
}

func (c *channel) answers(status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answer = status
}

// wantTexts fails the test unless exactly these messages came since it was last
// asked. Each is given by words that it must hold, with a | between them.
func (c *channel) wantTexts(t *testing.T, want ...string) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	got := c.texts
	c.texts = nil
	if len(got) != len(want) {
		t.Fatalf("%d messages came, want %d: %q", len(got), len(want), got)
	}
	for i := range want {
		for word := range strings.SplitSeq(want[i], "|") {
			if !strings.Contains(got[i], word) {
				t.Errorf("%q is not in %q", word, got[i])
			}
		}
	}
}

func TestWebhook_never_says_its_address(t *testing.T) {
	t.Parallel()
	c := newChannel(t)
	c.answers(http.StatusNotFound)
	gone := NewWebhook("http://127.0.0.1:1/services/secret")
	for _, w := range []*Webhook{c.Webhook, gone, NewWebhook("http://bad host/secret"), NewWebhook("secret\x7f")} {
		err := w.Post(t.Context(), "hello")
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("got %v", err)
		}
	}
	if err := c.Post(t.Context(), "hello"); !strings.Contains(err.Error(), "404") || !strings.Contains(err.Error(), "no_service") {
		t.Errorf("got %v, want what it answered", err)
	}
}

func TestMessage(t *testing.T) {
	t.Parallel()
	a := store.Alert{Rule: "queue-age", Subject: "download", Summary: "HeyGen said <!channel> & more", Since: noon}
	wantLines(t, message(a, "https://heyq.example.com"),
		":red_circle: *queue-age (download)* at https://heyq.example.com",
		"HeyGen said &lt;!channel&gt; &amp; more",
		"Since 2030-01-02 12:00 UTC. Type `heyq queues list`; docs/operations.md#queue-age says what follows.")
	a.EndedAt, a.Subject = noon.Add(90*time.Minute), ""
	wantLines(t, message(a, "there"),
		":large_green_circle: *queue-age* at there has ended after 1h30m",
		"It was: HeyGen said &lt;!channel&gt; &amp; more",
		"From 2030-01-02 12:00 UTC to 2030-01-02 13:30 UTC. Type `heyq alerts` for the others.")
}

func wantLines(t *testing.T, got string, want ...string) {
	t.Helper()
	if joined := strings.Join(want, "\n"); got != joined {
		t.Errorf("got\n%s\nwant\n%s", got, joined)
	}
}
