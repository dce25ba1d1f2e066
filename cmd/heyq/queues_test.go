package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"heyq/cmd/heyq/internal/screen"
	"heyq/internal/testkit"
	"heyq/store"
	"heyq/wire"
)

func TestE2E_queues(t *testing.T) {
	t.Parallel()
	environ := startUp(t)
	list := func() (q wire.QueueList) {
		t.Helper()
		testkit.Eventually(t, func() error { // heyq does not wait long for Redis
			q = decode[wire.QueueList](t, heyq(t, environ, "queues", "list", "--json").wantOK(t))
			if q.Redis != "" {
				return errors.New(q.Redis)
			}
			return nil
		})
		return q
	}
	q := list()
	if len(q.Queues) != 7 || q.Queues[0].Queue != "create" || q.Queues[0].Tasks == nil || q.Queues[0].Store == nil ||
		q.Queues[5].Store != nil || q.Queues[6].Store != nil || q.Slots.Limit != 10 || q.Admission.State != "open" {
		t.Errorf("got %+v", q)
	}

	heyq(t, environ, "queues", "pause", "create").wantOK(t).want(t, 0, "create is paused, and admission closed")
	id := made(t, environ, hello...)
	if q := list(); !q.Queues[0].Paused || q.Admission.State != "paused" || q.Queues[0].Store.Waiting != 1 {
		t.Errorf("paused, and one video waits: %+v", q)
	}
	heyq(t, environ, "queues", "list").wantOK(t).want(t, 0, "the queue create is paused", "0 of 10 held", "waiting", "maintenance")
	changed := decode[wire.ChangedQueue](t, heyq(t, environ, "queues", "resume", "create", "--json").wantOK(t))
	if changed.Paused || changed.Admission.State != "open" || changed.Message == "" {
		t.Errorf("resumed: %+v", changed)
	}
	heyq(t, environ, "videos", "watch", "--interval", "50ms", id).wantOK(t)
	testkit.Eventually(t, func() error {
		if q := list(); q.Queues[0].Rate != 1 || q.Queues[2].Rate != 1 {
			return errors.New("what was finished is not counted")
		}
		return nil
	})

	heyq(t, environ, "queues", "pause", "downlod").want(t, 3, `there is no queue "downlod"`, "download")
	heyq(t, environ, "queues", "pause").want(t, 2, "takes one queue")
	heyq(t, environ, "queues", "watch", "--interval", "0s").want(t, 2, "--interval")
}

// fakeQueues answers GET /v1/queues with one list after the other, and the last
// one again and again. A nil list is a heyq that is away.
func fakeQueues(t *testing.T, lists ...*wire.QueueList) (environ []string, asked func() int) {
	t.Helper()
	var mu sync.Mutex
	n := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		list := lists[min(n, len(lists)-1)]
		n++
		if list == nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_ = json.NewEncoder(w).Encode(list)
	}))
	t.Cleanup(server.Close)
	return []string{"HEYQ_URL=" + server.URL}, func() int {
		mu.Lock()
		defer mu.Unlock()
		return n
	}
}

// watching runs `heyq queues watch` until enough looks were taken and ends it as
// Ctrl-C does.
func watching(t *testing.T, asked func() int, looks int, environ []string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var stdout, stderr strings.Builder
	code := make(chan int, 1)
	go func() {
		args := append([]string{"queues", "watch", "--interval", "10ms"}, args...)
		code <- run(ctx, args, environ, strings.NewReader(""), zerolog.SyncWriter(&stdout), &stderr)
	}()
	testkit.Eventually(t, func() error {
		if n := asked(); n < looks {
			return errors.New("it does not look")
		}
		return nil
	})
	cancel()
	if got := <-code; got != 0 {
		t.Errorf("ended with %d: %s", got, stderr.String())
	}
	return stdout.String()
}

func queuesWith(pending int, rate int, state store.AdmissionState) *wire.QueueList {
	return &wire.QueueList{
		Admission: wire.Admission{State: state, Reason: "402"}, Slots: wire.QueueSlots{Limit: 10},
		Queues: []wire.Queue{{Queue: "create", Tasks: &wire.QueueTasks{Pending: pending}, Store: &wire.QueueRows{Waiting: 7}, Rate: rate}},
	}
}

// Without a terminal only what changes is written, and a heyq that is away is
// waited for.
func TestQueuesWatch_writes_a_line_for_each_change(t *testing.T) {
	t.Parallel()
	looks := []*wire.QueueList{
		queuesWith(1, 0, "open"), queuesWith(1, 5, "open"), nil, nil, queuesWith(2, 5, "open"), queuesWith(2, 5, "stopped"),
	}
	environ, asked := fakeQueues(t, looks...)
	out := watching(t, asked, len(looks)+2, environ)
	var said []string
	for line := range strings.Lines(out) {
		said = append(said, strings.Join(strings.Fields(line)[1:], " ")) // without the time
	}
	if len(said) != 5 || !strings.HasPrefix(said[1], "create running · pending 1") || !strings.Contains(said[2], "answered 503") ||
		!strings.HasPrefix(said[3], "create running · pending 2") || !strings.HasPrefix(said[4], "admission stopped 402") {
		t.Errorf("said:\n%s", out)
	}

	environ, asked = fakeQueues(t, looks...)
	if lines := strings.Count(watching(t, asked, len(looks)+2, environ, "--json"), "\n"); lines != 3 {
		t.Errorf("%d lines of JSON, want one for each of 3 changes", lines)
	}
	heyq(t, []string{"HEYQ_URL=http://127.0.0.1:1"}, "queues", "watch").want(t, 5, "no heyq answers")
}

// The picture of the live view, as it stands on a terminal of that width.
func TestQueuesWatch_picture(t *testing.T) {
	t.Parallel()
	q := wire.QueueList{
		Admission: wire.Admission{State: "open"}, Slots: wire.QueueSlots{Held: 7, Limit: 10}, Redis: "connection refused",
		Queues: []wire.Queue{
			{Queue: "create", Tasks: &wire.QueueTasks{Pending: 12, Archived: 1}, Store: &wire.QueueRows{Waiting: 1200, OldestSeconds: 3700}, Rate: 60},
			{Queue: "maintenance", Paused: true},
		},
	}
	w := &queueWatch{at: "http://heyq", interval: time.Second, past: map[string][]int{"create": {0, 30, 60}}, away: time.Now()}
	var out strings.Builder
	w.program = &program{}
	w.draw(screen.New(&out, nil), q, errors.New("away"))
	for _, want := range []string{
		"http://heyq", "7 of 10 held", "connection refused", "1,200", "1:01:40", "▁▄█", "maintenance  paused", "–", "it does not answer",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not shown", want)
		}
	}
	if t.Failed() {
		t.Log(out.String())
	}
}
