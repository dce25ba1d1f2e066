package api_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"heyq/api"
	"heyq/internal/heygenhook"
	"heyq/jobs"
	"heyq/store"
)

const (
	oldSecret = "whsec_old"
	newSecret = "whsec_new"
)

// hook is an API that takes deliveries. Its store knows hints and nothing else:
// whatever else a delivery made of it would panic.
type hook struct {
	house
	hints  hints
	links  *heygenhook.Links
	counts *api.Deliveries
	woken  atomic.Int32
}

type hints struct {
	store.Store
	mu   sync.Mutex
	list []store.Hint
	slow time.Duration
	err  error
}

func (s *hints) Hint(ctx context.Context, list []store.Hint) (int, error) {
	s.mu.Lock()
	slow, err := s.slow, s.err
	s.mu.Unlock()
	select {
	case <-time.After(slow):
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, list...)
	return len(list), nil
}

// behave makes the store slow, or fail.
func (s *hints) behave(slow time.Duration, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slow, s.err = slow, err
}

func (s *hints) all() []store.Hint {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.list
}

func keyring() *heygenhook.Keyring {
	return heygenhook.NewKeyring(func(context.Context) ([]string, error) { return []string{oldSecret, newSecret}, nil })
}

func links(t *testing.T) *heygenhook.Links {
	t.Helper()
	l, err := heygenhook.NewLinks("https://heyq.example", "key")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// patient is how long an answer waits for its hint if a test looks at the hint
// next: a busy machine may take longer than HeyGen is made to wait.
const patient = time.Minute

func newHook(t *testing.T) *hook { return newHookOf(t, patient) }

func newHookOf(t *testing.T, patience time.Duration) *hook {
	t.Helper()
	h := &hook{links: links(t), counts: &api.Deliveries{}}
	h.log = &bytes.Buffer{}
	h.Handler = api.New(api.Options{
		Client:  jobs.NewClient(&h.hints, jobs.WithWake(func() { h.woken.Add(1) })),
		Keyring: keyring(), Links: h.links, Deliveries: h.counts, Logger: zerolog.New(zerolog.SyncWriter(h.log)),
		Patience: patience, Word: "0199b3a7",
	})
	return h
}

// counted are the counts that are not zero.
func (h *hook) counted() map[string]int64 {
	counts := map[string]int64{}
	for field, value := range reflect.ValueOf(h.counts).Elem().Fields() {
		if n := value.Addr().Interface().(*atomic.Int64).Load(); n != 0 {
			counts[field.Name] = n
		}
	}
	return counts
}

func sign(body, secret string) string {
	return hex.EncodeToString(heygenhook.Sign([]byte(body), secret))
}

// success is an event of a render that completed.
func success(event, heygenID string, video uuid.UUID) string {
	return fmt.Sprintf(`{"event_id":%q,"event_type":"avatar_video.success","event_data":{"video_id":%q,"url":"https://x","callback_id":%q}}`, event, heygenID, video)
}

func TestReceiver(t *testing.T) {
	t.Parallel()
	video := uuid.MustParse("01900000-0000-7000-8000-00000000ada0")
	body := success("evt_1", "hey_1", video)
	large := success("evt_1", strings.Repeat("x", heygenhook.MaxBody), video)
	fits := body + strings.Repeat(" ", heygenhook.MaxBody-len(body))
	at := func(d time.Duration) string { return strconv.FormatInt(time.Now().Add(d).Unix(), 10) }
	signed := func(body string) []string { return []string{"Heygen-Signature", sign(body, newSecret)} }
	known := []store.Hint{{HeyGenID: "hey_1", Video: video}}
	failure := `{"event_id":"evt_1","event_type":"avatar_video.fail","event_data":{"video_id":"hey_1","callback_id":null}}`
	for _, c := range []struct {
		name   string
		body   string
		header []string
		status int
		count  string
		hints  []store.Hint
	}{
		{"by the documented header", body, signed(body), 200, "Accepted", known},
		{"by the header in the wild", body, []string{"Signature", sign(body, newSecret)}, 200, "Accepted", known},
		{"by the other secret", body, []string{"Signature", sign(body, oldSecret)}, 200, "Accepted", known},
		{"of now", body, append(signed(body), "Heygen-Timestamp", at(0)), 200, "Accepted", known},
		{"a failure", failure, signed(failure), 200, "Accepted", []store.Hint{{HeyGenID: "hey_1"}}},
		{"128 KiB", fits, signed(fits), 200, "Accepted", known},
		{"an event of no render", `{"event_type":"avatar_video_gif.success"}`, signed(`{"event_type":"avatar_video_gif.success"}`), 200, "Ignored", nil},
		{"an event from the future", `{"event_type":"moon.landed"}`, signed(`{"event_type":"moon.landed"}`), 200, "Ignored", nil},

		{"unsigned", body, nil, 401, "Unsigned", nil},
		{"with a signature that is none", body, []string{"Signature", "hello"}, 401, "Unsigned", nil},
		{"by a stranger", body, []string{"Signature", sign(body, "guessed")}, 401, "Forged", nil},
		{"another body under its signature", success("evt_1", "hey_2", video), signed(body), 401, "Forged", nil},
		{"stale", body, append(signed(body), "Heygen-Timestamp", at(-6*time.Minute)), 401, "Stale", nil},
		{"over 128 KiB", large, signed(large), 413, "TooLarge", nil},
		{"over 128 KiB, by a stranger", large, []string{"Signature", sign(body, "guessed")}, 413, "TooLarge", nil},
		{"no JSON", "<html>", signed("<html>"), 400, "Unreadable", nil},
		{"no event", "[]", signed("[]"), 400, "Unreadable", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHook(t)
			got := h.must(t, c.status, "POST", "/webhooks/heygen", c.body, c.header...)
			if c.status != http.StatusOK {
				got.problem(t)
			}
			equal(t, "counts", h.counted(), map[string]int64{c.count: 1})
			equal(t, "hints", h.hints.all(), c.hints)
			equal(t, "wakes of the dispatcher", int(h.woken.Load()), len(c.hints))
		})
	}
}

// The same event does nothing when it comes again, however it is sent; one
// that the store did not take does.
func TestReceiver_event_that_comes_again(t *testing.T) {
	t.Parallel()
	h := newHook(t)
	body := success("evt_1", "hey_1", uuid.Nil)
	deliver := func(status int, id string) {
		t.Helper()
		h.must(t, status, "POST", "/webhooks/heygen", body, "Signature", sign(body, newSecret), "Heygen-Event-Id", id)
	}
	h.hints.behave(0, away())
	deliver(503, "evt_1")
	h.hints.behave(0, nil)
	deliver(200, "evt_1")
	deliver(200, "evt_1")
	deliver(200, "evt_2") // the header is not signed
	equal(t, "counts", h.counted(), map[string]int64{"Failed": 1, "Accepted": 1, "Repeated": 2})
	equal(t, "hints", len(h.hints.all()), 1)
}

func TestReceiver_of_one_video(t *testing.T) {
	t.Parallel()
	h := newHook(t)
	video, other := uuid.New(), uuid.New()
	link := strings.TrimPrefix(h.links.Of(video), "https://heyq.example")
	token := link[strings.LastIndex(link, "/")+1:]
	for _, body := range []string{"", "{}", "<html>", success("evt_1", "hey_9", other)} {
		h.must(t, http.StatusOK, "POST", link, body)
	}
	equal(t, "hints", h.hints.all(), []store.Hint{{Video: video}, {Video: video}, {Video: video}, {Video: video}})
	for _, path := range []string{
		"/webhooks/heygen/" + other.String() + "/" + token,
		"/webhooks/heygen/" + video.String() + "/" + strings.Repeat("0", 64),
		"/webhooks/heygen/" + video.String() + "/x",
		"/webhooks/heygen/ada/" + token,
	} {
		h.must(t, http.StatusUnauthorized, "POST", path, "{}").problem(t)
	}
	equal(t, "counts", h.counted(), map[string]int64{"Accepted": 4, "Forged": 4})
	if log := h.log.String(); !strings.Contains(log, heygenhook.Path) || strings.Contains(log, token) {
		t.Errorf("the log is to tell of the requests, and not of the token:\n%s", log)
	}
}

// Another heyq with the same address has an endpoint too, whose secret is its own.
// What comes to that one is not forged, and no line warns of it.
func TestReceiver_beside_another_heyq(t *testing.T) {
	t.Parallel()
	h := newHook(t)
	body := success("evt_1", "hey_1", uuid.New())
	theirs, ours := heygenhook.Own("/webhooks/heygen", "0badcafe"), heygenhook.Own("/webhooks/heygen", "0199b3a7")
	h.must(t, http.StatusMisdirectedRequest, "POST", theirs, body, "Signature", sign(body, "theirs")).problem(t)
	equal(t, "counts", h.counted(), map[string]int64{"Foreign": 1})
	if log := h.log.String(); strings.Contains(log, "were refused") {
		t.Errorf("somebody is warned:\n%s", log)
	}
	h.must(t, http.StatusUnauthorized, "POST", ours, body, "Signature", sign(body, "guessed")).problem(t)
	h.must(t, http.StatusOK, "POST", ours, body, "Signature", sign(body, newSecret))
	equal(t, "counts", h.counted(), map[string]int64{"Foreign": 1, "Forged": 1, "Accepted": 1})
}

// HeyGen asks whether a server is there before it registers.
func TestReceiver_pings(t *testing.T) {
	t.Parallel()
	h := newHook(t)
	for _, path := range []string{"/webhooks/heygen", "/webhooks/heygen/" + uuid.NewString() + "/0"} {
		for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
			h.must(t, http.StatusOK, method, path, "")
		}
		h.must(t, http.StatusMethodNotAllowed, "PUT", path, "")
	}
	equal(t, "counts", h.counted(), map[string]int64{})
}

// A body is not read before its signature could be one, and not beyond 128 KiB.
func TestReceiver_endless_body(t *testing.T) {
	t.Parallel()
	h := newHook(t)
	for _, c := range []struct {
		signature    string
		status, most int64
	}{{"", 401, 0}, {sign("", "guessed"), 413, heygenhook.MaxBody + 1<<16}} {
		body := &endless{}
		r := httptest.NewRequest("POST", "/webhooks/heygen", body)
		r.ContentLength = -1
		r.Header.Set("Signature", c.signature)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if int64(w.Code) != c.status || body.read > c.most {
			t.Errorf("signature %q: got %d after %d bytes, want %d after %d at most", c.signature, w.Code, body.read, c.status, c.most)
		}
	}
}

// Any client can send a body that never ends, with a signature that could be
// one. Few are read at once; HeyGen delivers again what is put off.
func TestReceiver_many_bodies_at_once(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHookOf(t, 0)
		deliver := func(body io.Reader) int {
			r := httptest.NewRequest("POST", "/webhooks/heygen", body)
			r.Header.Set("Signature", sign(success("evt_1", "hey_1", uuid.Nil), newSecret))
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w.Code
		}
		var strangers sync.WaitGroup
		var ends []*io.PipeWriter
		for range 32 {
			body, end := io.Pipe()
			ends = append(ends, end)
			strangers.Go(func() { deliver(body) })
		}
		synctest.Wait()
		start := time.Now()
		if status := deliver(strings.NewReader("x")); status != 503 || time.Since(start) != 2*time.Second {
			t.Errorf("one more was answered %d after %s, want 503 after 2s", status, time.Since(start))
		}
		_ = ends[0].Close()
		if status := deliver(strings.NewReader(success("evt_1", "hey_1", uuid.Nil))); status != 200 {
			t.Errorf("with a place free it was answered %d", status)
		}
		for _, end := range ends {
			_ = end.Close()
		}
		strangers.Wait()
	})
}

// HeyGen has its answer in time whatever the store does, and what a slow one
// has to take is bounded.
func TestReceiver_slow_store(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHookOf(t, 0)
		h.hints.behave(5*time.Second, nil)
		deliver := func() int {
			start := time.Now()
			body := success(uuid.NewString(), "hey_1", uuid.Nil)
			status := h.call(t, "POST", "/webhooks/heygen", body, "Signature", sign(body, newSecret)).status
			if took := time.Since(start); took > 50*time.Millisecond {
				t.Fatalf("the answer took %s", took)
			}
			return status
		}
		const most = 1000
		var all sync.WaitGroup
		var taken, putOff atomic.Int32
		for range most + 10 {
			all.Go(func() {
				switch deliver() {
				case http.StatusOK:
					taken.Add(1)
				case http.StatusServiceUnavailable:
					putOff.Add(1)
				}
			})
		}
		all.Wait()
		equal(t, "taken", taken.Load(), most)
		equal(t, "put off", putOff.Load(), 10)
		time.Sleep(time.Minute)
		equal(t, "hints in the end", len(h.hints.all()), most)
		equal(t, "counts", h.counted(), map[string]int64{"Accepted": most, "Crowded": 10})

		h.hints.behave(time.Second, errors.New("lost"))
		equal(t, "answer before the store fails", deliver(), http.StatusOK)
		time.Sleep(time.Minute)
		equal(t, "counts", h.counted(), map[string]int64{"Accepted": most + 1, "Crowded": 10, "Lost": 1})
	})
}

func TestReceiver_logs_refusals_once_a_minute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHook(t)
		for range 150 {
			h.must(t, http.StatusUnauthorized, "POST", "/webhooks/heygen", "{}")
			time.Sleep(time.Second)
		}
		var lines []string
		for line := range strings.Lines(h.log.String()) {
			if strings.Contains(line, "refused") {
				lines = append(lines, line)
			}
		}
		if len(lines) != 3 || !strings.Contains(lines[2], `"unsigned":121`) {
			t.Errorf("the lines are %q, want 3, the last one of 121", lines)
		}
	})
}

// What a delivery does to a row depends on where the video is, and never is
// more than a look.
func TestReceiver_rows(t *testing.T) {
	t.Parallel()
	due := func(t *testing.T, h *house, step store.Step) int {
		t.Helper()
		claims, err := h.store.Claim(t.Context(), step, 10)
		if err != nil {
			t.Fatal(err)
		}
		return len(claims)
	}
	deliver := func(t *testing.T, h *house, video uuid.UUID) {
		t.Helper()
		before := state(t, h, video)
		body := success(uuid.NewString(), "hey_of_nobody", video)
		h.must(t, http.StatusOK, "POST", "/webhooks/heygen", body, "Signature", sign(body, newSecret))
		equal(t, "state", state(t, h, video), before)
	}
	opened := func(t *testing.T) *house {
		return open(t, func(o *api.Options) { o.Keyring, o.Links, o.Patience = keyring(), links(t), patient })
	}
	accepted := func(t *testing.T, h *house) store.Run {
		t.Helper()
		h.create(t)
		run := h.begin(t, store.Create)
		h.end(t, store.Accepted(run, "hey_1", time.Hour))
		return run
	}

	t.Run("rendering", func(t *testing.T) {
		t.Parallel()
		h := opened(t)
		run := accepted(t, h)
		equal(t, "due before", due(t, h, store.Poll), 0)
		deliver(t, h, run.Video)
		equal(t, "due", due(t, h, store.Poll), 1)
	})
	t.Run("before the answer of the create", func(t *testing.T) {
		t.Parallel()
		h := opened(t)
		h.create(t)
		run := h.begin(t, store.Create)
		deliver(t, h, run.Video)
		equal(t, "due", due(t, h, store.Create), 0) // the runner is not fenced away
		if v, err := h.store.Video(t.Context(), store.Everyone(), run.Video); err != nil || v.HeyGenID != "" {
			t.Errorf("the video became %+v (%v), want no id adopted", v, err)
		}
		h.end(t, store.Accepted(run, "hey_1", time.Hour))
		equal(t, "due after the answer", due(t, h, store.Poll), 1)
	})
	t.Run("failed, with its slot", func(t *testing.T) {
		t.Parallel()
		h := opened(t)
		run := accepted(t, h)
		deliver(t, h, run.Video)
		h.end(t, store.RenderTimedOut(h.begin(t, store.Poll), time.Hour))
		equal(t, "due before", due(t, h, store.Poll), 0)
		deliver(t, h, run.Video)
		poll := h.begin(t, store.Poll)
		h.end(t, store.Rendered(poll)) // revived by HeyGen's own word alone
		equal(t, "state", state(t, h, run.Video), store.Downloading)
	})
	t.Run("completed", func(t *testing.T) {
		t.Parallel()
		h := opened(t)
		deliver(t, h, h.completed(t))
		for _, step := range store.Steps {
			equal(t, "due for "+string(step), due(t, h, step), 0)
		}
	})
}

func state(t *testing.T, h *house, video uuid.UUID) store.State {
	t.Helper()
	v, err := h.store.Video(t.Context(), store.Everyone(), video)
	if err != nil {
		t.Fatal(err)
	}
	return v.State
}
