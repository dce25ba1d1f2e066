package simulator_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"heyq/heygen/simulator"
	"heyq/internal/testkit"
)

// post is one delivery as its receiver saw it.
type post struct {
	path   string
	header http.Header
	body   []byte
	event  event
}

type event struct {
	ID        string    `json:"event_id"`
	Type      string    `json:"event_type"`
	CreatedAt time.Time `json:"created_at"`
	Data      struct {
		VideoID    string `json:"video_id"`
		URL        string
		CallbackID string `json:"callback_id"`
		Message    string `json:"msg"`
		Padding    string
	} `json:"event_data"`
}

// receiver is an endpoint. It refuses what its test says.
type receiver struct {
	t      *testing.T
	url    string
	posts  chan post
	refuse atomic.Int32 // how many are still to get a 500
}

func listen(t *testing.T) *receiver {
	t.Helper()
	rc := &receiver{t: t, posts: make(chan post, 100)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		p := post{path: r.URL.Path, header: r.Header, body: body}
		if err := json.Unmarshal(body, &p.event); err != nil {
			t.Errorf("%v in %.200s", err, body)
		}
		if rc.refuse.Add(-1) >= 0 {
			w.WriteHeader(http.StatusInternalServerError)
		}
		rc.posts <- p
	}))
	t.Cleanup(server.Close)
	rc.url = server.URL
	return rc
}

// next waits for a delivery.
func (rc *receiver) next() post {
	rc.t.Helper()
	select {
	case p := <-rc.posts:
		return p
	case <-time.After(testkit.Patience):
		rc.t.Fatal("no webhook came")
		return post{}
	}
}

// signed tells whether p is signed with secret, under the header of this name.
func (p post) signed(name, secret string) bool {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(p.body)
	return p.header.Get(name) == hex.EncodeToString(mac.Sum(nil))
}

// register registers an endpoint for events (none: all).
func (a *account) register(url string, events ...string) webhook {
	a.t.Helper()
	body := object{"url": url}
	if len(events) > 0 {
		body["events"] = events
	}
	return data[webhook](a.t, a.do("POST", "/v3/webhooks/endpoints", body))
}

func TestDelivery_endpoint(t *testing.T) {
	t.Parallel()
	rc := listen(t)
	a := start(t, simulator.Options{RenderTime: 20 * time.Millisecond})
	hook := a.register(rc.url)
	id := data[struct {
		VideoID string `json:"video_id"`
	}](t, a.do("POST", "/v3/videos", speaking.with(object{"callback_id": "job 7"}))).VideoID

	p := rc.next()
	if p.event.Type != "avatar_video.success" || p.event.Data.VideoID != id || p.event.Data.CallbackID != "job 7" || p.event.ID == "" || p.event.CreatedAt.IsZero() {
		t.Errorf("%s", p.body)
	}
	if r := a.do("GET", p.event.Data.URL, nil); r.status != 200 || r.header.Get("Content-Type") != "video/mp4" {
		t.Errorf("its link: %d", r.status)
	}
	if !p.signed("Heygen-Signature", hook.Secret) || p.header.Get("Signature") != "" || p.header.Get("Heygen-Event-Id") != p.event.ID {
		t.Errorf("%v", p.header)
	}
	seconds, err := strconv.ParseInt(p.header.Get("Heygen-Timestamp"), 10, 64)
	if age := time.Since(time.Unix(seconds, 0)); err != nil || age < -time.Second || age > time.Minute {
		t.Errorf("timestamp %s", p.header.Get("Heygen-Timestamp"))
	}
	history := get[[]event](a, "/v3/webhooks/events?event_type=avatar_video.success")
	if diff := cmp.Diff([]event{p.event}, history); diff != "" {
		t.Error(diff)
	}
}

func TestDelivery_plainSignature(t *testing.T) {
	t.Parallel()
	rc := listen(t)
	a := start(t, simulator.Options{PlainSignature: true})
	hook := a.register(rc.url)
	a.create("one")
	p := rc.next()
	if !p.signed("Signature", hook.Secret) {
		t.Errorf("%v", p.header)
	}
	for name := range p.header {
		if strings.HasPrefix(name, "Heygen-") {
			t.Errorf("there is a header %s", name)
		}
	}
}

func TestDelivery_callback(t *testing.T) {
	t.Parallel()
	rc := listen(t)
	a := start(t, simulator.Options{})
	for _, path := range []string{"/v3/videos", "/v3/templates/template_1"} {
		body := speaking.with(object{"callback_url": rc.url + "/cb"})
		if path != "/v3/videos" {
			body = object{"variables": object{}, "callback_url": rc.url + "/cb"}
		}
		if r := a.do("POST", path, body); r.status != 200 {
			t.Fatalf("%d %s", r.status, r.body)
		}
		p := rc.next()
		if p.path != "/cb" || p.event.Type != "avatar_video.success" {
			t.Errorf("%s %s", p.path, p.body)
		}
		for name := range p.header {
			if strings.Contains(name, "Signature") || strings.HasPrefix(name, "Heygen-") {
				t.Errorf("a callback has a header %s", name)
			}
		}
	}
}

func TestDelivery_onlyWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	failures, all := listen(t), listen(t)
	a := start(t, simulator.Options{})
	a.register(failures.url, "avatar_video.fail")
	a.register(all.url)
	a.create("good")
	good := all.next()
	a.faulty(simulator.Rule{On: "status", Fault: "failed_legacy"})
	bad := a.create("bad")
	for _, p := range []post{failures.next(), all.next()} {
		if p.event.Type != "avatar_video.fail" || p.event.Data.VideoID != bad || p.event.Data.Message == "" || p.event.Data.URL != "" {
			t.Errorf("%s", p.body)
		}
	}
	if good.event.Type != "avatar_video.success" || len(failures.posts) > 0 {
		t.Errorf("%s, and %d more failures", good.body, len(failures.posts))
	}
}

func TestDelivery_isRetried(t *testing.T) {
	t.Parallel()
	rc := listen(t)
	rc.refuse.Store(3)
	a := start(t, simulator.Options{WebhookRetry: time.Millisecond})
	a.register(rc.url)
	a.create("one")
	first := rc.next()
	for range 3 {
		if again := rc.next(); again.event.ID != first.event.ID || string(again.body) != string(first.body) {
			t.Errorf("first %s, then %s", first.body, again.body)
		}
	}
	a.create("two")
	if p := rc.next(); p.event.ID == first.event.ID {
		t.Error("retried after a 200")
	}
}

// TestDelivery_toALateComer: who registers during a render hears of its end.
func TestDelivery_toALateComer(t *testing.T) {
	t.Parallel()
	rc := listen(t)
	c := newClock()
	a := start(t, simulator.Options{RenderTime: 10 * time.Second, Clock: c.now})
	a.create("over")
	c.advance(11 * time.Second)
	id := a.create("rendering")
	a.register(rc.url)
	c.advance(10 * time.Second)
	if p := rc.next(); p.event.Data.VideoID != id {
		t.Errorf("%s", p.body)
	}
	if n := len(get[[]event](a, "/v3/webhooks/events")); n != 1 {
		t.Errorf("%d events", n)
	}
}

func TestDelivery_goesOnAfterAKill(t *testing.T) {
	t.Parallel()
	rc := listen(t)
	c := newClock()
	opts := simulator.Options{RenderTime: 10 * time.Second, Clock: c.now, Dir: t.TempDir()}
	a := start(t, opts)
	a.register(rc.url)
	a.create("over")
	c.advance(10 * time.Second)
	told := rc.next().event
	a.create("rendering")

	testkit.Eventually(t, func() error { // the endpoint's answer is out before its record
		journal, err := os.ReadFile(filepath.Join(opts.Dir, "journal.jsonl"))
		if err == nil && !bytes.Contains(journal, []byte(`{"told":`)) {
			err = errors.New("the journal does not say that it was told")
		}
		return err
	})
	opts.Dir = killed(t, opts.Dir)
	start(t, opts)
	c.advance(10 * time.Second)
	seen := map[string]int{rc.next().event.ID: 1}
	seen[rc.next().event.ID]++ // both processes tell it: at least once is what HeyGen promises
	if len(seen) != 1 || seen[told.ID] != 0 {
		t.Errorf("told %v", seen)
	}
}
