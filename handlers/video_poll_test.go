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
	case r.videos[id].ID != "" && r.videos[id].Status == "":
		w.WriteHeader(http.StatusBadGateway)
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

// What HeyGen's own words are replaced by if there are none.
const (
	forgotten = "HeyGen does not know the video any more; it is still watched, and revived if HeyGen finds it again"
	noReason  = "HeyGen gave no reason"
)

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
	timedOut := func(r store.Run, _ time.Duration) store.End { return store.RenderTimedOut(r, lateInterval) }
	writtenOff := func(r store.Run, _ time.Duration) store.End { return store.WrittenOff(r) }
	rendered := func(r store.Run, _ time.Duration) store.End { return store.Rendered(r) }
	failed := func(code, message string) end {
		return func(r store.Run, _ time.Duration) store.End {
			return store.RenderFailed(r, store.Failure{Code: code, Message: message, Step: store.Poll})
		}
	}
	doubted := func(freeSlot bool) end {
		return func(r store.Run, _ time.Duration) store.End {
			return store.InDoubt(r, max(interval, r.DoubtedFor/4), freeSlot)
		}
	}
	unanswered := func(r store.Run, _ time.Duration) store.End { return store.Unanswered(r, interval) }
	missing := func(code string) end {
		return func(r store.Run, _ time.Duration) store.End {
			return store.Missing(r, store.Failure{Code: code, Message: forgotten, Step: store.Poll}, r.DoubtedFor/4)
		}
	}
	inDoubt := func(times int, since time.Duration) func(*store.Run) {
		return func(r *store.Run) { aged(r); r.Doubts, r.DoubtedFor = times, since }
	}
	is := func(word heygen.Status, failure ...string) *heygen.Video {
		v := &heygen.Video{ID: "hey", Status: word}
		if len(failure) > 0 {
			v.FailureCode, v.FailureMessage = failure[0], failure[1]
		}
		return v
	}
	for _, c := range []struct {
		name   string
		status any // nil: not answered
		video  *heygen.Video
		run    func(*store.Run)
		want   end
	}{
		{"processing", says("processing"), nil, young, rendering(interval)},
		{"an unknown word, and the video has a better one", says("rehearsing"), is("processing"), young, rendering(interval)},
		{"an unknown word, and the video is completed", says("rehearsing"), is("completed"), young, rendered},
		{"an unknown word twice", says("rehearsing"), is("rehearsing"), young, doubted(false)},
		{"an unknown word for nine minutes", says("rehearsing"), is("rehearsing"), inDoubt(20, 9*time.Minute), doubted(false)},
		{"an unknown word for ten", says("rehearsing"), is("success"), inDoubt(20, 10*time.Minute), doubted(true)},
		{"an unknown word, and nobody answers for the video", says("rehearsing"), is(""), aged, unanswered},
		{"left out, and rendering", nil, is("processing"), aged, rendering(interval)},
		{"left out, and failed", nil, is("failed", "X", "why"), aged, failed("X", "why")},
		{"left out, and nobody answers for the video", nil, is(""), aged, unanswered},
		{"left out and not found", nil, nil, aged, doubted(false)},
		{"not found at once, and rendering", says("not_found"), is("processing"), aged, rendering(interval)},
		{"not found at once, and completed", says("not_found"), is("completed"), aged, rendered},
		{"not found, and nobody answers for the video", says("not_found"), is(""), inDoubt(100, time.Hour), unanswered},
		{"not found, young", says("not_found"), nil, young, doubted(false)},
		{"not found, old", says("not_found"), nil, func(r *store.Run) { r.RenderingFor = time.Hour }, doubted(false)},
		{"not found for 29 minutes", says("not_found"), nil, inDoubt(50, 29*time.Minute), doubted(false)},
		{"not found twice in an hour", says("not_found"), nil, inDoubt(1, time.Hour), doubted(false)},
		{"not found for half an hour", says("not_found"), nil, inDoubt(2, 30*time.Minute), missing("not_found")},
		{"known again", says("processing"), nil, inDoubt(50, time.Hour), rendering(interval)},
		{"cancelled at HeyGen", says("cancelled"), is("cancelled"), young, failed("cancelled", noReason)},
		{"in its other spelling", says("CANCELED"), is("CANCELED"), young, failed("canceled", noReason)},
		{"expired", says("expired", "E", "too old"), is("expired"), young, failed("E", "too old")},
		{"rejected", says("rejected"), is("rejected", "MODERATION", "not allowed"), young, failed("MODERATION", "not allowed")},
		{"deleted", says("deleted"), is("deleted"), young, failed("deleted", noReason)},
		{"deleted, and only the bulk answer says so", says("deleted"), is("processing"), young, rendering(interval)},
		{"failed, and only the bulk answer says so", says("failed", "X", "why"), is("completed"), young, rendered},
		{"failed, and nobody answers for the video", says("failed", "X", "why"), is(""), young, unanswered},
		{"failed and not found", says("failed", "X", "why"), nil, young, doubted(false)},
		{"completed", says("completed"), nil, young, rendered},
		{"completed after all", says("completed"), nil, lateFailed, rendered},
		{"completed, and cancelled", says("completed"), nil, lateCancelled, rendered},
		{"completed, past its write-off", says("completed"), nil, abandoned, rendered},
		{"failed with a code", says("failed", "MODERATION", "not allowed"), is("failed"), young, failed("MODERATION", "not allowed")},
		{
			"failed, and only the video says why", says("failed"),
			&heygen.Video{ID: "hey", Status: heygen.StatusFailed, FailureCode: "CREDIT", FailureMessage: "no credit"},
			young, failed("CREDIT", "no credit"),
		},
		{"failed, and nobody says why", says("failed"), is("failed"), young, failed("rendering_failed", noReason)},
		{"failed, and cancelled", says("failed", "a", "b"), is("failed"), lateCancelled, failed("a", "b")},
		{"past its deadline", says("processing"), nil, late, timedOut},
		{
			"an unknown word past its deadline", says("rehearsing"), is("rehearsing"), late,
			func(r store.Run, _ time.Duration) store.End {
				return store.TimedOut(r, store.InDoubt(r, interval, false))
			},
		},
		{
			"left out past its deadline", nil, is(""), late,
			func(r store.Run, _ time.Duration) store.End {
				return store.TimedOut(r, store.Unanswered(r, lateInterval))
			},
		},
		{"not found past its write-off", says("not_found"), nil, func(r *store.Run) { inDoubt(50, 20*time.Hour)(r); abandoned(r) }, writtenOff},
		{"failed by the deadline, still rendering", says("processing"), nil, lateFailed, rendering(lateInterval)},
		{"cancelled, still rendering", says("processing"), nil, lateCancelled, rendering(lateInterval)},
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
	web := renders{statuses: map[string]any{}, videos: map[string]heygen.Video{}}
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
			web.videos[run.HeyGenID] = heygen.Video{ID: run.HeyGenID, Status: heygen.StatusFailed}
			want = append(want, store.RenderFailed(run, store.Failure{Code: "X", Message: "why", Step: store.Poll}))
		case "":
			want = append(want, store.InDoubt(run, 5*time.Second, false))
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
		b := newBench(t, renders{
			statuses: map[string]any{"hey": says(word, "X", "why")},
			videos:   map[string]heygen.Video{"hey": {ID: "hey", Status: heygen.Status(word)}},
		})
		run := newRun(store.Rendering)
		run.HeyGenID, run.RenderingFor = "hey", time.Minute
		b.pollRuns(t.Context(), []store.Run{run})
		if got := b.polls.first(); got != want {
			t.Errorf("after a minute's render that is %s the first poll comes after %s, want %s", word, got, want)
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
	compare(t, "next poll of a trusting worker", b.polls.next(store.Run{}), netInterval)
	look("hey", false)
	compare(t, "next poll of one that was let down", b.polls.next(store.Run{}), 5*time.Second)
}

// A key of another account knows none of the renders. None of them is lost then,
// and none may be made.
func TestPollRuns_close_the_gate_where_HeyGen_knows_no_render(t *testing.T) {
	t.Parallel()
	web := renders{statuses: map[string]any{}, videos: map[string]heygen.Video{}}
	b := newBench(t, web)
	runs := make([]store.Run, fewUnknown+2)
	for i := range runs {
		runs[i] = newRun(store.Rendering)
		runs[i].RenderingFor = time.Hour
	}
	poll := func(doubts int, since time.Duration) (ends []store.End) {
		for i := range runs { // each in a task of its own, as where few are in flight
			runs[i].Doubts, runs[i].DoubtedFor = doubts, since
			ends = append(ends, b.pollRuns(t.Context(), runs[i:i+1])[0])
		}
		return ends
	}
	poll(0, 0)
	compare(t, "gate, once unknown", b.store.gate, []string(nil))
	poll(1, time.Minute)
	compare(t, "gate, twice unknown", b.store.gate, []string{"closed: " + wrongAccount, "closed: " + wrongAccount})
	b.store.gate = nil
	ends := poll(50, time.Hour)
	compare(t, "gate, resumed all the same", b.store.gate, []string(nil))
	for _, e := range ends {
		if e.To != store.Rendering || e.FreeSlot || e.RenderDead {
			t.Errorf("a render is given up on the word of a wrong account: %+v", e)
		}
	}

	// One that it knows says that the account is the right one: the others are gone.
	known := newRun(store.Rendering)
	status := says("processing")
	status["video_id"] = known.HeyGenID
	web.statuses[known.HeyGenID] = status
	b.pollRuns(t.Context(), []store.Run{known})
	compare(t, "gate, once one is known", b.store.gate, []string{"open: " + wrongAccount})
	if ends := b.pollRuns(t.Context(), runs[:1]); ends[0].To != store.Failed || !ends[0].Watch {
		t.Errorf("a render that HeyGen alone does not know ends as %+v", ends[0])
	}
}

func TestPollRuns_ask_about_a_bounded_number_one_by_one(t *testing.T) {
	t.Parallel()
	runs := make([]store.Run, 2*mostAsked)
	for i := range runs {
		runs[i] = newRun(store.Rendering)
	}
	var doubted int
	for _, e := range newBench(t, renders{}).pollRuns(t.Context(), runs) {
		if e.Doubt == store.CountDoubt {
			doubted++
		}
	}
	compare(t, "renders asked about", doubted, mostAsked)
}
