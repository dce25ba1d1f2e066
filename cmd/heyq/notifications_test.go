package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"heyq/internal/testkit"
	"heyq/wire"
)

// listener is a receiver as its owner would write it: it verifies, and knows a
// repetition by its id.
type listener struct {
	URL string

	mu     sync.Mutex
	answer int
	events map[string][]wire.Ended // by webhook-id
	wrong  error
}

func listen(t *testing.T, secret string) *listener {
	t.Helper()
	verifier, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{answer: http.StatusNoContent, events: map[string][]wire.Ended{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.mu.Lock()
		defer l.mu.Unlock()
		var event wire.Ended
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = verifier.Verify(body, r.Header)
		}
		if err == nil {
			err = json.Unmarshal(body, &event)
		}
		if err != nil {
			l.wrong = err
		}
		id := r.Header.Get("webhook-id")
		l.events[id] = append(l.events[id], event)
		w.WriteHeader(l.answer)
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() {
		if l.wrong != nil {
			t.Errorf("a delivery could not be verified: %v", l.wrong)
		}
	})
	l.URL = server.URL + "/hook"
	return l
}

func (l *listener) answers(status int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answer = status
}

// wait waits until notification id was delivered a number of times, and returns
// the last event.
func (l *listener) wait(t *testing.T, id string, times int) (event wire.Ended) {
	t.Helper()
	testkit.Eventually(t, func() error {
		l.mu.Lock()
		defer l.mu.Unlock()
		if n := len(l.events[id]); n < times {
			return fmt.Errorf("notification %s came %d times, want %d", id, n, times)
		}
		event = l.events[id][times-1]
		return nil
	})
	return event
}

// told waits for a notification of a video in some state.
func told(t *testing.T, environ []string, video, state string) (n wire.Notification) {
	t.Helper()
	testkit.Eventually(t, func() error {
		list := decode[[]wire.Notification](t, heyq(t, environ, "notifications", "list", "--json", video).wantOK(t))
		if len(list) != 1 || string(list[0].State) != state || state == "pending" && len(list[0].Tries) == 0 {
			return fmt.Errorf("notifications are %+v, want one that is %s", list, state)
		}
		n = list[0]
		return nil
	})
	return n
}

func TestE2E_notifications(t *testing.T) {
	t.Parallel()
	secret := "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("s", 32)))
	ours := listen(t, secret)
	environ := startUp(t, "HEYQ_NOTIFY_ALLOW_PRIVATE=true", "HEYQ_NOTIFY_SECRET="+secret, "HEYQ_NOTIFY_URL="+ours.URL)

	video := made(t, environ, append(hello, "--metadata", "order=7")...)
	n := told(t, environ, video, "delivered")
	event := ours.wait(t, n.ID, 1)
	if event.Type != "video.completed" || event.Data.ID.String() != video || event.Data.Title != "Hello" ||
		event.Data.Metadata["order"] != "7" || event.Data.File == nil || event.Data.File.SHA256 == "" {
		t.Errorf("told %+v", event)
	}
	heyq(t, environ, "notifications", "list", video).wantOK(t).want(t, 0, n.ID, "video.completed", ours.URL, "delivered", "204")
	heyq(t, environ, "notifications", "redeliver", n.ID).wantOK(t).want(t, 0, "1 notification due now")
	if again := ours.wait(t, n.ID, 2); again.Timestamp != event.Timestamp {
		t.Errorf("told again of %v, and first of %v", again.Timestamp, event.Timestamp)
	}

	// A receiver of its own, that wants no more and then changes its mind.
	theirs := listen(t, secret)
	theirs.answers(http.StatusGone)
	failed := made(t, environ, "--script", "Hi", "--avatar-id", "avatar_9", "--voice-id", "voice_1", "--notify-url", theirs.URL)
	n = told(t, environ, failed, "failed")
	if event := theirs.wait(t, n.ID, 1); event.Type != "video.failed" || event.Data.Failure == nil || event.Data.Failure.Code != "avatar_not_found" {
		t.Errorf("told %+v", event)
	}
	heyq(t, environ, "notifications", "list", failed).wantOK(t).want(t, 0, "410", "it answered 410 Gone")
	theirs.answers(http.StatusOK)
	heyq(t, environ, "notifications", "redeliver", "--failed", "--since", "1h").wantOK(t).want(t, 0, "1 notification due now")
	theirs.wait(t, n.ID, 2)
	told(t, environ, failed, "delivered")
	heyq(t, environ, "notifications", "redeliver", "--video", failed).wantOK(t).want(t, 0, "1 notification due now")
	theirs.wait(t, n.ID, 3)
	heyq(t, environ, "videos", "get", failed).wantOK(t).want(t, 0, theirs.URL)

	// A receiver that is away for a moment is asked again by itself.
	theirs.answers(http.StatusServiceUnavailable)
	late := made(t, environ, append(hello, "--notify-url", theirs.URL)...)
	n = told(t, environ, late, "pending")
	theirs.answers(http.StatusOK)
	heyq(t, environ, "notifications", "list", late).wantOK(t).want(t, 0, "pending", "next try", "503")
	theirs.wait(t, n.ID, 2)
	told(t, environ, late, "delivered")

	// The CSV has the column too.
	path := filepath.Join(t.TempDir(), "people.csv")
	if err := os.WriteFile(path, []byte("script,avatar_id,voice_id,notify_url\nHi,avatar_1,voice_1,"+theirs.URL+"/csv\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	result := decode[imported](t, heyq(t, environ, "videos", "import", "--yes", "--json", path).wantOK(t))
	if n := told(t, environ, result.Videos[0].ID, "delivered"); n.URL != theirs.URL+"/csv" {
		t.Errorf("told %s", n.URL)
	}
}

func TestE2E_notifications_refused(t *testing.T) {
	t.Parallel()
	environ := startUp(t)
	heyq(t, environ, append([]string{"videos", "create", "--notify-url", "http://example.com/hook"}, hello...)...).
		want(t, 2, "notify_url", "HEYQ_NOTIFY_ALLOW_PRIVATE")
	heyq(t, environ, append([]string{"videos", "create", "--notify-url", "https://ada:pw@example.com"}, hello...)...).
		want(t, 2, "notify_url", "remove them")

	// A name that leads home is found out when it is called.
	video := made(t, environ, append(hello, "--notify-url", "https://localhost:1/hook")...)
	n := told(t, environ, video, "pending")
	if try := n.Tries[0]; try.Status != 0 || !strings.Contains(try.Error, "not a public address") || !strings.Contains(try.Error, "HEYQ_NOTIFY_ALLOW_PRIVATE") {
		t.Errorf("tried: %+v", try)
	}
	if wait := time.Until(*n.NextTryAt); wait < 40*time.Minute {
		t.Errorf("tried again in %s", wait)
	}

	const nobody = "01890a5d-ac96-774b-bcce-b302099a8057"
	heyq(t, environ, "notifications", "list", nobody).want(t, 3, nobody)
	heyq(t, environ, "notifications", "redeliver", nobody).want(t, 3, "no notification "+nobody)
	heyq(t, environ, "notifications", "redeliver", "--video", nobody).want(t, 3, nobody)
	for _, args := range []string{"", "--since 1h", nobody + " --failed", nobody + " --since 1h", "--failed --since -1h"} {
		heyq(t, environ, append([]string{"notifications", "redeliver"}, strings.Fields(args)...)...).want(t, 2, "say which notifications")
	}
	heyq(t, environ, "notifications", "list", made(t, environ, hello...)).wantOK(t).want(t, 0, "no notifications")
}
