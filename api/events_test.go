package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"heyq/api"
	"heyq/internal/testkit"
	"heyq/live"
	"heyq/people"
	"heyq/store"
	"heyq/wire"
)

// telling has the API tell live what becomes of videos.
func telling(t *testing.T) option {
	return func(o *api.Options) {
		client := redis.NewClient(&redis.Options{Addr: miniredis.RunT(t).Addr()})
		rows, _ := o.Store.(store.Live)
		o.Live = live.New(live.Options{Store: rows, Redis: client})
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = o.Live.Run(ctx)
		}()
		t.Cleanup(func() {
			cancel()
			<-ended
			_ = client.Close()
		})
	}
}

// hearing is a stream of events that is being read.
type hearing struct {
	*testing.T
	lines *bufio.Scanner
	close func()
}

// heard is an event as it came.
type heard struct {
	sort, id, data string
}

func (h heard) video(t *testing.T) (v wire.VideoEvent) {
	t.Helper()
	if err := json.Unmarshal([]byte(h.data), &v); err != nil {
		t.Fatalf("%+v: %v", h, err)
	}
	return v
}

func (h *house) listen(t *testing.T, path, last string) *hearing {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	ctx, cancel := context.WithTimeout(t.Context(), testkit.Patience)
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = answer.Body.Close() })
	if got := answer.Header.Get("Content-Type"); answer.StatusCode != http.StatusOK || got != "text/event-stream" || !answer.Close {
		t.Fatalf("got %s, %s, to be closed %t", answer.Status, got, answer.Close)
	}
	return &hearing{t, bufio.NewScanner(answer.Body), cancel}
}

// next waits for the next event of another sort than progress; empty: the stream has ended.
func (h *hearing) next() (e heard) {
	h.Helper()
	for h.lines.Scan() {
		field, value, _ := strings.Cut(h.lines.Text(), ": ")
		switch field {
		case "event":
			e.sort = value
		case "id":
			e.id = value
		case "data":
			e.data = value
		case "":
			if e.sort != "" && e.sort != "progress" {
				return e
			}
			e = heard{}
		}
	}
	return heard{}
}

func (h *hearing) wants(sort string, id uuid.UUID, state store.State) heard {
	h.Helper()
	e := h.next()
	if e.sort != sort {
		h.Fatalf("got %+v, want %s", e, sort)
	}
	if v := e.video(h.T); v.VideoID != id.String() || v.State != state || v.At.IsZero() || e.id == "" {
		h.Fatalf("got %+v, want %s to be %s", e, id, state)
	}
	return e
}

func TestEvents_of_a_video(t *testing.T) {
	t.Parallel()
	h := open(t, telling(t))
	id := h.create(t)
	stream := h.listen(t, "/v1/videos/"+id.String()+"/events", "")
	first := stream.wants("video", id, store.Queued)
	if v := first.video(t); v.Progress == nil || *v.Progress != 0 || v.ETA != nil {
		t.Errorf("of a heyq that knows nothing yet: %s", first.data)
	}
	run := h.begin(t, store.Create)
	stream.wants("video", id, store.Submitting)
	h.end(t, store.Accepted(run, "hg", 0))
	stream.wants("video", id, store.Rendering)
	stream.close()

	// It goes on behind what was heard, and only there.
	again := h.listen(t, "/v1/videos/"+id.String()+"/events", first.id)
	again.wants("video", id, store.Submitting)
	again.wants("video", id, store.Rendering)
	h.must(t, http.StatusAccepted, "POST", "/v1/videos/"+id.String()+"/cancel", "")
	again.wants("video", id, store.Cancelled)

	// What was lost is told to be, and the present state with it.
	for _, lost := range []string{"1-0", "99999999999999-7"} {
		late := h.listen(t, "/v1/videos/"+id.String()+"/events", lost)
		if e := late.next(); e.sort != "missed" || !strings.Contains(e.data, "message") {
			t.Errorf("behind %s: got %+v, want to be told that something is missed", lost, e)
		}
		if e := late.wants("video", id, store.Cancelled).video(t); e.Progress != nil || e.ETA != nil {
			t.Errorf("a cancelled video has an outlook: %+v", e)
		}
	}
}

func TestEvents_of_all_videos(t *testing.T) {
	t.Parallel()
	caller := people.Caller{User: "ada", Name: "ada", Role: store.RoleMember}
	h := open(t, telling(t), as(&caller))
	adas := h.listen(t, "/v1/events", "")
	caller = people.Caller{User: "alan", Name: "alan", Role: store.RoleMember}
	alans := h.listen(t, "/v1/events", "")
	caller = people.Owner()
	all := h.listen(t, "/v1/events", "")

	caller = people.Caller{User: "alan", Name: "alan", Role: store.RoleMember}
	second := h.create(t)
	alans.wants("video", second, store.Queued)
	all.wants("video", second, store.Queued)
	caller = people.Caller{User: "ada", Name: "ada", Role: store.RoleMember}
	first := h.create(t)
	e := adas.wants("video", first, store.Queued) // and nothing before it
	all.wants("video", first, store.Queued)

	late := h.listen(t, "/v1/events", "1-0")
	if e := late.next(); e.sort != "missed" {
		t.Errorf("got %+v, want to be told that something is missed", e)
	}
	late.wants("video", first, store.Queued)
	caller = people.Caller{User: "alan", Name: "alan", Role: store.RoleMember}
	h.must(t, http.StatusOK, "POST", "/v1/videos/"+second.String()+"/cancel", "")
	alans.wants("video", second, store.Cancelled)

	// Another's events are not told to who names one of them.
	foreign := h.listen(t, "/v1/events", e.id)
	foreign.wants("video", second, store.Cancelled)
}

// Who may not see any more what it saw at first hears nothing more.
func TestEvents_end_with_the_access(t *testing.T) {
	t.Parallel()
	caller := people.Caller{User: "ada", Name: "ada", Role: store.RoleMember}
	var now atomic.Pointer[people.Caller]
	now.Store(&caller)
	h := open(t, telling(t), as(&caller), func(o *api.Options) {
		o.Beat = 20 * time.Millisecond
		o.Again = func(context.Context) (people.Caller, error) { return *now.Load(), nil }
	})
	id := h.create(t)
	one, all := h.listen(t, "/v1/videos/"+id.String()+"/events", ""), h.listen(t, "/v1/events", "")
	one.wants("video", id, store.Queued)
	now.Store(&people.Caller{})
	for _, stream := range []*hearing{one, all} {
		if e := stream.next(); e.sort != "end" || e.data != `{"reason":"access"}` {
			t.Errorf("got %+v, want the end", e)
		}
		if e := stream.next(); e != (heard{}) {
			t.Errorf("after the end: %+v", e)
		}
	}
}

func TestEvents_refuse(t *testing.T) {
	t.Parallel()
	h := open(t, telling(t))
	id := h.create(t).String()
	for _, path := range []string{"/v1/events", "/v1/videos/" + id + "/events"} {
		for _, last := range []string{"x", "1", "-1", "1-", "01-0", "1-0-0", "99999999999999999999-0", strings.Repeat("9", 20_000), "$", "1-0; 2-0"} {
			p := h.must(t, http.StatusBadRequest, "GET", path, "", "Last-Event-ID", last).problem(t)
			equal(t, "wrong", p.locations(), []string{"header.Last-Event-ID"})
		}
		if got := h.must(t, http.StatusOK, "HEAD", path, ""); got.body != "" {
			t.Errorf("HEAD %s: %s", path, got.body)
		}
	}
	h.must(t, http.StatusNotFound, "GET", "/v1/videos/"+uuid.NewString()+"/events", "")
	h.must(t, http.StatusNotFound, "GET", "/v1/videos/none/events", "")

	silent := open(t)
	id = silent.create(t).String()
	crowded := open(t, telling(t), func(o *api.Options) { o.Apart = func(*http.Request) bool { return false } })
	for _, got := range []reply{
		silent.must(t, http.StatusServiceUnavailable, "GET", "/v1/events", ""),
		silent.must(t, http.StatusServiceUnavailable, "GET", "/v1/videos/"+id+"/events", ""),
		crowded.must(t, http.StatusServiceUnavailable, "GET", "/v1/events", ""),
	} {
		if p := got.problem(t); !strings.Contains(p.Detail, "read the video again and again instead") || got.header.Get("Retry-After") == "" {
			t.Errorf("%v says %q", got.header, p.Detail)
		}
	}
}
