package handlers

import (
	"encoding/json"
	"net/http"
	"sync"
	"testing"
	"time"

	"heyq/jobs"
	"heyq/store"
)

// door is where HeyGen takes creates. It notes them and answers each alike.
type door struct {
	mu     sync.Mutex
	status int
	body   string
	keys   []string
	paths  []string
}

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.keys = append(d.keys, r.Header.Get("Idempotency-Key"))
	d.paths = append(d.paths, r.Method+" "+r.URL.Path)
	w.WriteHeader(d.status)
	_, _ = w.Write([]byte(d.body))
}

func submitting(change ...func(*store.Run)) store.Run {
	run := newRun(store.Submitting)
	run.First, run.HeyGenID = true, ""
	for _, c := range change {
		c(&run)
	}
	return run
}

func TestCreateVideo_sends_one_POST(t *testing.T) {
	t.Parallel()
	template := json.RawMessage(`{"template_id":"t1","variables":{"name":"Ada"}}`)
	for _, c := range []struct {
		name   string
		run    store.Run
		status int
		body   string
		path   string
		to     store.State
		id     string
	}{
		{"accepted", submitting(), 200, `{"data":{"video_id":"v1"}}`, "POST /v3/videos", store.Rendering, "v1"},
		{
			"from a template", submitting(func(r *store.Run) { r.Request = template }), 200, `{"data":{"id":"v2"}}`,
			"POST /v3/templates/t1", store.Rendering, "v2",
		},
		{"refused", submitting(), 400, `{"error":{"code":"x","message":"y"}}`, "POST /v3/videos", store.Failed, ""},
		{"refused a resend", submitting(func(r *store.Run) { r.First = false }), 400, `{}`, "POST /v3/videos", store.Submitting, ""},
		{"broken", submitting(), 500, ``, "POST /v3/videos", store.Submitting, ""},
		{"unreadable", submitting(), 200, `{"data":`, "POST /v3/videos", store.Submitting, ""},
		{"accepted, and no id", submitting(), 200, `{"data":{}}`, "POST /v3/videos", store.Submitting, ""},
		{"busy", submitting(), 429, `{"error":{"code":"rate_limit_exceeded","message":"y"}}`, "POST /v3/videos", store.Queued, ""},
		{"a gateway is busy", submitting(), 429, ``, "POST /v3/videos", store.Submitting, ""},
		{"refused by a gateway", submitting(), 403, `<html>no</html>`, "POST /v3/videos", store.Submitting, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			web := &door{status: c.status, body: c.body}
			e := newBench(t, web).createVideo(t.Context(), c.run, newSendDeadline(20*time.Second))
			if e.To != c.to || e.HeyGenID != c.id {
				t.Errorf("ended as %+v, want %s with id %q", e, c.to, c.id)
			}
			compare(t, "requests", web.paths, []string{c.path})
			compare(t, "keys", web.keys, []string{idempotencyKey(c.run)})
		})
	}
}

func TestCreateVideo_sends_nothing(t *testing.T) {
	t.Parallel()
	late := sendDeadline{limit: time.Second, elapsed: func() (time.Duration, time.Duration) { return time.Second, time.Second }}
	inTime := newSendDeadline(20 * time.Second)
	for _, c := range []struct {
		name     string
		run      store.Run
		deadline sendDeadline
		ended    bool
		to       store.State
	}{
		{"too late", submitting(), late, false, store.Queued},
		{"too late to send again", submitting(func(r *store.Run) { r.First = false }), late, false, store.Submitting},
		{"shutting down", submitting(), inTime, true, store.Queued},
		{"a request that cannot be read", submitting(func(r *store.Run) { r.Request = json.RawMessage(`[]`) }), inTime, false, store.Failed},
		{"nothing settled, before its search", submitting(func(r *store.Run) { r.Search, r.Refusal = true, &store.Failure{} }), late, true, store.Submitting},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			web := &door{status: http.StatusTeapot}
			ctx := t.Context()
			if c.ended {
				ctx = endedContext()
			}
			e := newBench(t, web).createVideo(ctx, c.run, c.deadline)
			if e.To != c.to || e.Pause != nil {
				t.Errorf("ended as %+v, want %s", e, c.to)
			}
			if len(web.paths) != 0 {
				t.Errorf("sent %v", web.paths)
			}
		})
	}
}

func TestCreateVideo_keeps_what_was_answered_last(t *testing.T) {
	t.Parallel()
	resent := func(r *store.Run) { r.First = false }
	for _, c := range []struct {
		name   string
		run    store.Run
		status int
		body   string
		want   string
	}{
		{"broken", submitting(), 500, `{"error":{"code":"internal_error","message":"boom"}}`, "create: heygen answered 500 internal_error: boom"},
		{"refused by a gateway", submitting(), 403, `<html>no</html>`, "create: heygen answered 403 forbidden: no"},
		{"refused a resend", submitting(resent), 400, `{"error":{"code":"x","message":"y"}}`, "create: heygen answered 400 x: y"},
		{"refused", submitting(), 400, `{"error":{"code":"x","message":"y"}}`, ""},
		{"accepted", submitting(), 200, `{"data":{"video_id":"v1"}}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := newBench(t, &door{status: c.status, body: c.body}).createVideo(t.Context(), c.run, newSendDeadline(20*time.Second))
			if e.LastAnswer != c.want {
				t.Errorf("keeps %q, want %q", e.LastAnswer, c.want)
			}
		})
	}
	late := sendDeadline{limit: time.Second, elapsed: func() (time.Duration, time.Duration) { return time.Second, time.Second }}
	if e := newBench(t, &door{status: 500}).createVideo(t.Context(), submitting(resent), late); e.LastAnswer != "" {
		t.Errorf("of a send that was not made it keeps %q", e.LastAnswer)
	}
}

func TestCreateVideos_wakes_the_dispatcher_for_a_free_slot(t *testing.T) {
	t.Parallel()
	b := newBench(t, &door{status: http.StatusBadRequest, body: `{"error":{"code":"x","message":"y"}}`})
	claim := b.store.add(store.Submitting, func(r *store.Run) { r.First = true })
	err := b.createVideos(t.Context(), jobs.VideoTask{Videos: []store.Claim{claim}})
	if err != nil || b.woken.Load() != 1 {
		t.Errorf("got %v, woken %d times; a refused create frees a slot, and its task is done", err, b.woken.Load())
	}
}
