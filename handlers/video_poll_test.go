package handlers

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"heyq/heygen"
	"heyq/jobs"
	"heyq/store"
)

// renders is a HeyGen that answers statuses with one word each, by id, and a
// single video with what it has in videos.
type renders struct {
	statuses map[string]any
	videos   map[string]heygen.Video
	fail     int // the status of every answer; 0: a good one
}

func (r renders) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	id := strings.TrimPrefix(req.URL.Path, "/v3/videos/")
	switch {
	case r.fail != 0:
		w.WriteHeader(r.fail)
	case id == "statuses":
		list := []any{}
		for id := range strings.SplitSeq(req.URL.Query().Get("video_ids"), ",") {
			if status, ok := r.statuses[id]; ok {
				list = append(list, status)
			}
		}
		answer(w, map[string]any{"data": list})
	case r.videos[id].ID != "":
		answer(w, map[string]any{"data": r.videos[id]})
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// says is one status of the bulk answer.
func says(word string, failure ...string) map[string]any {
	status := map[string]any{"video_id": "hey", "status": word}
	if len(failure) > 0 {
		status["error"] = map[string]any{"code": failure[0], "message": failure[1]}
	}
	return status
}

func TestPollRuns(t *testing.T) {
	t.Parallel()
	const interval = 5 * time.Second
	young := func(*store.Run) {}
	aged := func(r *store.Run) { r.RenderingFor = 6 * time.Minute }
	late := func(r *store.Run) { r.RenderingFor, r.PastDeadline = 3*time.Hour, true }
	lateFailed := func(r *store.Run) { late(r); r.State = store.Failed }
	lateCancelled := func(r *store.Run) { late(r); r.State = store.Cancelled }
	abandoned := func(r *store.Run) { late(r); r.PastWriteOff = true }

	rendering := func(wait time.Duration) end {
		return func(r store.Run, _ time.Duration) store.End { return store.StillRendering(r, wait) }
	}
	timedOut := func(r store.Run, _ time.Duration) store.End { return store.RenderTimedOut(r, deadLook) }
	writtenOff := func(r store.Run, _ time.Duration) store.End { return store.WrittenOff(r) }
	rendered := func(r store.Run, _ time.Duration) store.End { return store.Rendered(r) }
	failed := func(code, message string) end {
		return func(r store.Run, _ time.Duration) store.End {
			return store.RenderFailed(r, store.Failure{Code: code, Message: message, Step: store.Poll})
		}
	}
	const forgotten = "HeyGen does not know the video any more"
	for _, c := range []struct {
		name   string
		status any // nil: not answered
		video  *heygen.Video
		run    func(*store.Run)
		want   end
	}{
		{"processing", says("processing"), nil, young, rendering(interval)},
		{"an unknown word", says("rehearsing"), nil, young, rendering(interval)},
		{"a word that only sounds final", says("success"), nil, aged, rendering(interval)},
		{"missing in the answer", nil, nil, aged, rendering(interval)},
		{"not found, young", says("not_found"), nil, young, rendering(interval)},
		{"not found, old", says("not_found"), nil, aged, failed("not_found", forgotten)},
		{"completed", says("completed"), nil, young, rendered},
		{"completed after all", says("completed"), nil, lateFailed, rendered},
		{"completed, and cancelled", says("completed"), nil, lateCancelled, rendered},
		{"completed, past its write-off", says("completed"), nil, abandoned, rendered},
		{"failed with a code", says("failed", "MODERATION", "not allowed"), nil, young, failed("MODERATION", "not allowed")},
		{
			"failed, and only the video says why", says("failed"),
			&heygen.Video{ID: "hey", Status: heygen.StatusFailed, FailureCode: "CREDIT", FailureMessage: "no credit"},
			young, failed("CREDIT", "no credit"),
		},
		{"failed, and nobody says why", says("failed"), nil, young, failed("rendering_failed", "HeyGen gave no reason")},
		{"failed, and cancelled", says("failed", "a", "b"), nil, lateCancelled, failed("a", "b")},
		{"past its deadline", says("processing"), nil, late, timedOut},
		{"an unknown word past its deadline", says("rehearsing"), nil, late, timedOut},
		{"missing past its deadline", nil, nil, late, timedOut},
		{"failed by the deadline, still rendering", says("processing"), nil, lateFailed, rendering(deadLook)},
		{"cancelled, still rendering", says("processing"), nil, lateCancelled, rendering(deadLook)},
		{"past its write-off", says("processing"), nil, abandoned, writtenOff},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			web := renders{statuses: map[string]any{}, videos: map[string]heygen.Video{}}
			if c.status != nil {
				web.statuses["hey"] = c.status
			}
			if c.video != nil {
				web.videos["hey"] = *c.video
			}
			run := newRun(store.Rendering)
			run.HeyGenID, run.Slot = "hey", true
			c.run(&run)
			b := newBench(t, web)
			got := b.pollRuns(t.Context(), []store.Run{run})
			compare(t, "outcome", got, []store.End{c.want(run, 0)})
		})
	}
}

func TestPollRuns_tells_the_videos_of_a_task_apart(t *testing.T) {
	t.Parallel()
	web := renders{statuses: map[string]any{}}
	var runs []store.Run
	var want []store.End
	for i, word := range []string{"completed", "processing", "", "failed"} {
		run := newRun(store.Rendering)
		run.HeyGenID = fmt.Sprint("hey-", i)
		runs = append(runs, run)
		switch word {
		case "completed":
			want = append(want, store.Rendered(run))
		case "failed":
			want = append(want, store.RenderFailed(run, store.Failure{Code: "X", Message: "why", Step: store.Poll}))
		default:
			want = append(want, store.StillRendering(run, 5*time.Second))
		}
		if word != "" {
			status := says(word, "X", "why")
			status["video_id"] = run.HeyGenID
			web.statuses[run.HeyGenID] = status
		}
	}
	compare(t, "outcomes", newBench(t, web).pollRuns(t.Context(), runs), want)
}

func TestPollRuns_teaches_the_pace_by_what_completed(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]time.Duration{"completed": 30 * time.Second, "failed": 5 * time.Second, "processing": 5 * time.Second} {
		b := newBench(t, renders{statuses: map[string]any{"hey": says(word, "X", "why")}})
		run := newRun(store.Rendering)
		run.HeyGenID, run.RenderingFor = "hey", time.Minute
		b.pollRuns(t.Context(), []store.Run{run})
		if got := b.pace.firstLook(); got != want {
			t.Errorf("after a minute's render that is %s the first look comes after %s, want %s", word, got, want)
		}
	}
}

func TestPollVideos_without_an_answer_try_all_again(t *testing.T) {
	t.Parallel()
	b := newBench(t, renders{fail: http.StatusUnauthorized})
	claims := b.store.addMany(3, store.Rendering)
	if err := b.pollVideos(t.Context(), jobs.VideoTask{Videos: claims}); err != nil {
		t.Error(err)
	}
	compare(t, "states", b.store.states(claims), all(store.Rendering, 3))
	for _, e := range b.store.ended {
		if e.Attempts != store.CountAttempt || e.Due <= 0 {
			t.Errorf("ended as %+v", e)
		}
	}
}

// The rhythm is learned from polls: completions that hints told of make looks
// rare, and failures say nothing.
func TestPollRuns_teach_the_pace(t *testing.T) {
	t.Parallel()
	b := newBench(t, renders{statuses: map[string]any{"hey": says("completed"), "dead": map[string]any{"video_id": "dead", "status": "failed"}}})
	look := func(id string, hinted bool) {
		run := newRun(store.Rendering)
		run.HeyGenID, run.RenderingFor, run.Hinted = id, time.Minute, hinted
		b.pollRuns(t.Context(), []store.Run{run})
	}
	for range trustHints {
		look("hey", true)
		look("dead", false)
	}
	compare(t, "next look of a trusting worker", b.pace.nextLook(store.Run{}), netLook)
	look("hey", false)
	compare(t, "next look of one that was let down", b.pace.nextLook(store.Run{}), 5*time.Second)
}
