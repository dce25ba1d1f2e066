package handlers

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"heyq/heygen"
	"heyq/store"
)

func TestTitles_compare_exactly(t *testing.T) {
	t.Parallel()
	run := store.Run{Fence: store.Fence{Video: ada}, Title: "Hi", Submission: 1}
	other := run
	other.Submission = 12 // its token contains ours, as a substring
	t12 := titles{word: "0123abcd"}
	listed := []heygen.Video{
		{ID: "ours", Title: t12.of(run)},
		{ID: "the twelfth submission", Title: t12.of(other)},
		{ID: "sent before the database was imported", Title: titles{word: "0123abce"}.of(run)},
		{ID: "without delimiters", Title: "Hi " + token(run)},
		{ID: "somebody's note", Title: "about [heyq " + token(run) + "0 0123abcd]"},
		{ID: "another video's, which quotes ours", Title: t12.of(other) + " " + t12.token(run)},
		{ID: "renamed by a person", Title: "New name " + t12.token(run) + " final"},
		{ID: "cut", Title: t12.of(run)[:50]},
		{ID: "untitled"},
	}
	var got []string
	for _, v := range t12.find(listed, run) {
		got = append(got, v.ID)
	}
	compare(t, "found", got, []string{"ours", "sent before the database was imported", "renamed by a person"})
}

func TestSearchForVideo(t *testing.T) {
	t.Parallel()
	type outcome struct {
		To       store.State
		Code     string
		HeyGenID string
		FreeSlot bool
		Unsend   bool
		Due      time.Duration
	}
	refusal := &store.Failure{Code: "insufficient_credit", Message: "no credit", Step: store.Create}
	settled := func(r *store.Run) { r.Settled = true }
	cancelled := func(r *store.Run) { r.Settled, r.CancelRequested = true, true }
	believed := func(r *store.Run) { r.Settled, r.Refusal = true, refusal }
	young := func(r *store.Run) { r.Refusal, r.CancelRequested = refusal, true }
	expired := func(r *store.Run) { r.Settled, r.KeyExpired = true, true }

	found := outcome{To: store.Rendering, HeyGenID: "v1"}
	later := outcome{To: store.Submitting, Due: time.Minute}
	review := outcome{To: store.Failed, Code: store.NeedsReview, FreeSlot: true}
	for _, c := range []struct {
		name     string
		titles   []string // what HeyGen lists
		run      func(*store.Run)
		resubmit bool
		want     outcome
		control  string // the title of a render that was seen whole; "-": none was, and empty: it is listed
	}{
		{"one, young", []string{"[heyq TOKEN] Hi"}, young, false, found, ""},
		{"one, settled", []string{"[heyq TOKEN] Hi"}, settled, false, found, ""},
		{"one, and a cancel", []string{"[heyq TOKEN] Hi"}, cancelled, false, found, ""}, // End sees the cancel
		{"one, and a refusal", []string{"[heyq TOKEN] Hi"}, believed, false, found, ""},
		{"one among others", []string{"[heyq TOKEN] Hi", "[heyq TOKEN2] Hi", "x"}, settled, false, found, ""},
		{"several", []string{"[heyq TOKEN] Hi", "[heyq TOKEN] Hi"}, settled, false, review, ""},
		{"several, young", []string{"[heyq TOKEN] Hi", "[heyq TOKEN] Hi"}, young, false, review, ""},
		{"none, young", nil, young, false, later, ""},
		{"only another submission's, young", []string{"[heyq TOKEN2] Hi"}, young, false, later, ""},
		{"none, settled, a refusal", nil, believed, false, outcome{To: store.Failed, Code: "insufficient_credit", FreeSlot: true, Unsend: true}, ""},
		{"none, settled, a cancel", nil, cancelled, false, outcome{To: store.Cancelled, FreeSlot: true, Unsend: true}, ""},
		{"none, settled, too old", nil, expired, false, review, ""},
		{"none, settled, too old, resubmit", nil, expired, true, outcome{To: store.Queued, FreeSlot: true, Unsend: true}, ""},
		{"none, settled, a cancel, resubmit", nil, cancelled, true, outcome{To: store.Cancelled, FreeSlot: true, Unsend: true}, ""},
		{"none, settled, a refusal, no control", nil, believed, false, review, "-"},
		{"none, settled, a cancel, no control", nil, cancelled, false, review, "-"},
		{"none, settled, too old, resubmit, no control", nil, expired, true, review, "-"},
		{"none, settled, a refusal, the control is gone", nil, believed, false, review, "[heyq gone.1] x"},
		{"none, young, no control", nil, young, false, later, "-"},
		{"one, settled, no control", []string{"[heyq TOKEN] Hi"}, settled, false, found, "-"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			run := newRun(store.Submitting)
			run.Search = true
			c.run(&run)
			h := newBench(t, listing(t, run, c.titles), func(o *Options) { o.ResubmitUnfound = c.resubmit })
			switch c.control {
			case "-":
			case "":
				h.store.seen = store.TitleSeen{HeyGenID: "control", Title: controlTitle}
			default:
				h.store.seen = store.TitleSeen{HeyGenID: "control", Title: c.control}
			}
			e := h.searchForVideo(t.Context(), run)
			got := outcome{To: e.To, HeyGenID: e.HeyGenID, FreeSlot: e.FreeSlot, Unsend: e.Unsend, Due: e.Due}
			if e.Failure != nil {
				got.Code = e.Failure.Code
			}
			compare(t, "outcome", got, c.want)
			compare(t, "fence", e.Fence, run.Fence)
		})
	}
}

// controlTitle is that of a render whose title was seen whole.
const controlTitle = "[heyq control.1 00000000] Hello"

// listing is a HeyGen with these videos, and the one of controlTitle.
func listing(t *testing.T, run store.Run, titles []string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		videos := []heygen.Video{}
		switch got := r.URL.Query().Get("title"); {
		case r.Method == http.MethodGet && r.URL.Path == "/v3/videos" && got == "control.1":
			answer(w, map[string]any{"data": []heygen.Video{{ID: "control", Title: controlTitle, Status: heygen.StatusCompleted}}, "has_more": false})
			return
		case r.Method == http.MethodGet && r.URL.Path == "/v3/videos" && got == "gone.1":
		case r.Method != http.MethodGet || r.URL.Path != "/v3/videos" || got != token(run):
			t.Errorf("%s %s was asked; a look must only list by its token", r.Method, r.URL)
		}
		for i, title := range titles {
			title = strings.ReplaceAll(title, "TOKEN", token(run))
			title = strings.ReplaceAll(title, "]", " 00000000]")
			videos = append(videos, heygen.Video{ID: fmt.Sprint("v", i+1), Title: title, Status: heygen.StatusProcessing})
		}
		answer(w, map[string]any{"data": videos, "has_more": false, "next_token": nil})
	})
}

func TestSearchForVideo_when_HeyGen_cannot_be_asked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		status  int
		expired bool
		ended   bool
		to      store.State
		due     time.Duration
	}{
		{name: "401", status: 401, to: store.Submitting, due: time.Minute},
		{name: "402", status: 402, to: store.Submitting, due: time.Minute},
		{name: "429 with its own wait", status: 429, to: store.Submitting, due: 10 * time.Minute},
		{name: "501", status: 501, to: store.Submitting, due: time.Minute},
		{name: "not for a day", status: 401, expired: true, to: store.Failed},
		{name: "not for a day, but this process is ending", status: 401, expired: true, ended: true, to: store.Submitting, due: time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newBench(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if c.status == http.StatusTooManyRequests {
					w.Header().Set("Retry-After", "600")
				}
				w.WriteHeader(c.status)
			}))
			ctx := t.Context()
			if c.ended {
				ctx = endedContext()
			}
			run := newRun(store.Submitting)
			// First would make a send that was kept from the wire go back into the line.
			run.Search, run.First, run.Settled, run.SearchExpired = true, true, true, c.expired
			e := h.searchForVideo(ctx, run)
			if e.To != c.to || e.Due != c.due || e.FreeSlot != (c.to == store.Failed) || e.Unsend {
				t.Errorf("got %+v, want %s after %s", e, c.to, c.due)
			}
			if c.to == store.Failed && e.Failure.Code != store.NeedsReview {
				t.Errorf("failed with %+v", e.Failure)
			}
		})
	}
}

// A day without an answer is for a person to look at; a day in which HeyGen was
// not asked is not.
func TestSearchForVideo_waits_for_the_breaker(t *testing.T) {
	t.Parallel()
	h := newBench(t, nil)
	run := newRun(store.Submitting)
	run.Search, run.First, run.Settled, run.SearchExpired = true, true, true, true
	e := h.searchFailed(t.Context(), run, fmt.Errorf("list: %w", breakerOpen))
	want := store.NotSent(run, breakerOpen.Wait)
	want.Pause = &store.Pause{For: breakerOpen.Wait, Reason: breakerOpen.Reason()}
	compare(t, "outcome", e, want, spread)
}

// A database that was set back knows nothing of a render, and the key has expired:
// the first send of an old video is preceded by a search.
func TestCreateVideo_searches_before_an_old_first_send(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		age    time.Duration
		titles []string
		status int           // of the search
		back   time.Duration // how long ago the database was set back; 0: it was not
		seen   string        // the title that came back whole last
		to     store.State
		sent   int
	}{
		{name: "young", age: searchAge - time.Hour, titles: []string{"[heyq TOKEN] Hello"}, to: store.Rendering, sent: 1},
		{name: "old, and never sent", age: searchAge + time.Hour, to: store.Rendering, sent: 1},
		{name: "old, and sent before", age: searchAge + time.Hour, titles: []string{"[heyq TOKEN] Hello"}, to: store.Rendering},
		{name: "old, and sent twice", age: searchAge + time.Hour, titles: []string{"[heyq TOKEN] Hello", "[heyq TOKEN] Hello"}, to: store.Failed},
		{name: "old, no control", age: searchAge + time.Hour, back: time.Hour, to: store.Failed},
		{name: "old, and the control is gone", age: searchAge + time.Hour, back: time.Hour, seen: "[heyq gone.1] x", to: store.Failed},
		{name: "old, with a control", age: searchAge + time.Hour, back: time.Hour, seen: controlTitle, to: store.Rendering, sent: 1},
		{name: "set back before it was asked for", age: searchAge + time.Hour, back: searchAge + 2*time.Hour, to: store.Rendering, sent: 1},
		{name: "young, and no control", age: searchAge - time.Hour, back: time.Hour, to: store.Rendering, sent: 1},
		{name: "old, and HeyGen cannot say", age: searchAge + time.Hour, status: http.StatusInternalServerError, to: store.Queued},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			run := newRun(store.Submitting)
			run.First, run.CreatedAt = true, time.Now().Add(-c.age)
			list, sent := listing(t, run, c.titles), 0
			h := newBench(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.Method == http.MethodPost:
					sent++
					answer(w, map[string]any{"data": map[string]any{"video_id": "new", "status": "waiting"}})
				case c.status != 0:
					w.WriteHeader(c.status)
				default:
					list.ServeHTTP(w, r)
				}
			}))
			if c.back != 0 {
				h.store.setBack = time.Now().Add(-c.back)
			}
			if c.seen != "" {
				h.store.seen = store.TitleSeen{HeyGenID: "control", Title: c.seen}
			}
			end := h.createVideo(t.Context(), run, newSendDeadline(time.Minute))
			if end.To != c.to || sent != c.sent {
				t.Errorf("it is %s, and %d creates were sent; want %s and %d", end.To, sent, c.to, c.sent)
			}
			if want := map[bool]string{true: "new", false: "v1"}[c.sent > 0]; c.to == store.Rendering && end.HeyGenID != want {
				t.Errorf("the render is %q, want %q", end.HeyGenID, want)
			}
		})
	}
}
