package handlers

import (
	"testing"
	"time"

	"heyq/heygen/simulator"
	"heyq/store"
)

// A HeyGen that does not give titles back as they were cannot prove that a create
// came to nothing, until it is seen to do so again.
func TestSearch_of_a_HeyGen_that_changes_titles(t *testing.T) {
	t.Parallel()
	for _, rule := range []simulator.Rule{
		{On: "title", Fault: "cut"},
		{On: "title", Fault: "cut", Keep: 56}, // the token comes back, and not all of the title
		{On: "title", Fault: "dropped"},
	} {
		sim, err := simulator.New(simulator.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = sim.Close() })
		b := newBench(t, sim)
		faults := func(rules ...simulator.Rule) {
			t.Helper()
			if err := sim.SetFaults(simulator.Faults{Rules: rules}); err != nil {
				t.Fatal(err)
			}
		}
		video := func(change ...func(*store.Run)) store.Run {
			run := newRun(store.Submitting)
			run.First, run.Request = true, []byte(`{"script":"Hello","avatar_id":"avatar_1","voice_id":"voice_1"}`)
			for _, c := range change {
				c(&run)
			}
			return run
		}
		send := func(run store.Run) store.End { return b.createVideo(t.Context(), run, newSendDeadline(20*time.Second)) }
		completed := func() {
			t.Helper()
			run := video()
			run.HeyGenID = send(run).HeyGenID
			if v, err := b.freshLinks(t.Context(), run); err != nil || v.ID != run.HeyGenID {
				t.Fatalf("%+v, %v", v, err)
			}
		}
		// judged is what a look makes of a create that was sent again, and refused then.
		judged := func(run store.Run) store.End {
			run.Search, run.Settled, run.Refusal = true, true, &store.Failure{Code: "invalid_parameter", Message: "the script was refused", Step: store.Create}
			return b.searchForVideo(t.Context(), run)
		}
		wantReview := func(when string, e store.End) {
			t.Helper()
			if e.To != store.Failed || e.Failure.Code != store.NeedsReview || e.Unsend {
				t.Errorf("%s, %s: %+v (%+v), want a review", rule.Fault, when, e, e.Failure)
			}
		}
		wantRefused := func(when string, e store.End) {
			t.Helper()
			if e.To != store.Failed || e.Failure.Code != "invalid_parameter" || !e.Unsend {
				t.Errorf("%s, %s: %+v (%+v), want the refusal", rule.Fault, when, e, e.Failure)
			}
		}

		wantReview("nothing was ever seen", judged(video()))
		completed()
		wantRefused("a title came back whole", judged(video()))
		faults(rule)
		completed()
		wantReview("then one did not", judged(video()))
		faults(rule, simulator.Rule{On: "create", Fault: "accept_500"})
		lost := video()
		if e := send(lost); e.To != store.Submitting {
			t.Errorf("lost: %+v", e)
		}
		if e := judged(lost); rule.Keep == 56 {
			if e.To != store.Rendering || e.HeyGenID == "" { // its token is whole
				t.Errorf("with its token whole it ends as %+v", e)
			}
		} else {
			wantReview("a paid render is not found", e)
		}
		faults()
		completed()
		wantRefused("titles come back whole again", judged(video()))

		template := video(func(r *store.Run) { r.Request = []byte(`{"template_id":"template_1"}`) })
		b.store.seen = store.TitleSeen{} // the fake knows one place only
		wantReview("nothing was seen of the template", judged(template))
	}
}

// A title that is whole is written down once an hour and place, another one once a
// minute.
func TestSightings(t *testing.T) {
	t.Parallel()
	var s sightings
	now := time.Unix(1, 0)
	for i, c := range []struct {
		after time.Duration
		place string
		whole bool
		want  bool
	}{
		{0, "videos", true, true},
		{time.Minute, "videos", true, false},
		{0, "template t", true, true},
		{0, "videos", false, true},
		{59 * time.Second, "videos", false, false},
		{time.Second, "videos", false, true},
		{0, "videos", true, true},
		{59 * time.Minute, "videos", true, false},
		{time.Minute, "videos", true, true},
	} {
		now = now.Add(c.after)
		if got := s.news(c.place, c.whole, now); got != c.want {
			t.Errorf("%d: %t", i, got)
		}
	}
}
