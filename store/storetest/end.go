package storetest

import (
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"heyq/store"
)

// end is a row of the protocol's table "Ends of a run". Every row runs with and
// without a cancel that was requested, and a webhook that came, meanwhile.
type end struct {
	name string
	from func(*scene) store.Run // the run that ends
	end  func(store.Run) store.End
	want outcome
	// cancelled is the outcome after a cancel; nil if a cancel would have
	// fenced the run away. hinted is the one after a webhook; nil if that
	// changes nothing.
	cancelled, hinted *outcome
}

// outcome is everything that can be seen of a row after a run has ended.
type outcome struct {
	State      store.State
	Failure    string // its code
	Submission int
	Billed     bool // may be
	Resumable  bool
	Gate       store.AdmissionState

	Step store.Step    // what it needs next; "" is nothing, ever
	Due  time.Duration // when; early and late if it was not due on time
	Sent bool          // the end itself returned the claim of that step
	Slot bool          // is held when that comes due

	// How that step begins.
	Attempt  int
	First    bool
	Search   bool
	Refusals int
	Refusal  string
}

const early, late = time.Duration(-1), time.Duration(-2)

func endTests() []test {
	var tests []test
	for _, table := range [][]end{sendEnds, lookEnds, pollEnds, downloadEnds} {
		for _, row := range table {
			tests = append(tests, row.test("", false, false, row.want))
			tests = append(tests, row.test(", hinted", false, true, *or(row.hinted, &row.want)))
			if row.cancelled != nil {
				tests = append(tests, row.test(", cancelled", true, false, *row.cancelled))
				tests = append(tests, row.test(", cancelled and hinted", true, true, *row.cancelled))
			}
		}
	}
	return tests
}

// answerTests follow what HeyGen answers to creates that stay unclear.
var answerTests = []test{
	{"the last answer stands in the row until the create is clear", func(s *scene) {
		unclearly := func(r store.Run, answer string) {
			e := unclear(r)
			e.LastAnswer = answer
			s.end(e)
		}
		wantAnswer := func(r store.Run, want string) {
			s.Helper()
			if got := s.video(r.Video).LastAnswer; got != want {
				s.Fatalf("the last answer is %q, want %q", got, want)
			}
		}
		r := s.sending()
		unclearly(r, "heygen answered 500 internal_error: boom")
		wantAnswer(r, "heygen answered 500 internal_error: boom")
		s.advance(time.Minute)
		r = s.again(store.Create)
		if r.LastAnswer != "heygen answered 500 internal_error: boom" {
			s.Errorf("the next send knows %q of the one before", r.LastAnswer)
		}
		unclearly(r, "")
		wantAnswer(r, "heygen answered 500 internal_error: boom")
		s.advance(time.Minute)
		r = s.again(store.Create)
		unclearly(r, "cut off")
		wantAnswer(r, "cut off")
		s.advance(time.Minute)
		r = s.again(store.Create)
		s.end(accept(r))
		wantAnswer(r, "")
	}},
	{"a review of a create says what was answered last", func(s *scene) {
		r := s.sending()
		e := unclear(r)
		e.LastAnswer = "heygen answered 500 internal_error: boom"
		s.end(e)
		s.advance(store.DefaultTiming.KeyLifetime + margin)
		r = s.again(store.Create)
		s.end(store.NotFound(r, false))
		if f := s.video(r.Video).Failure; f == nil || !strings.Contains(f.Message, e.LastAnswer) {
			s.Errorf("it failed of %+v, want the words of the last answer", f)
		}
	}},
	{"a create that HeyGen never answered clearly fails with the last answer", func(s *scene) {
		r := s.sending()
		e := store.Unreachable(r, time.Minute)
		e.LastAnswer = "heygen answered 500 internal_error: boom"
		s.end(e)
		s.advance(store.DefaultTiming.KeyLifetime + margin)
		r = s.again(store.Create)
		s.end(store.NotFound(r, false))
		want := "HeyGen gave no clear answer to the create; the last time: " + e.LastAnswer
		if f := s.video(r.Video).Failure; f == nil || f.Code != store.UnreachableCode || f.Message != want {
			s.Errorf("it failed of %+v, want %q", f, want)
		}
	}},
}

func or(a, b *outcome) *outcome {
	if a != nil {
		return a
	}
	return b
}

func (row end) test(during string, cancel, hint bool, want outcome) test {
	return test{row.name + during, func(s *scene) {
		r := row.from(s)
		if cancel {
			s.cancel(r.Video)
		}
		if hint && r.State != store.Downloading {
			s.hint(r.Video)
		}
		if diff := cmp.Diff(want, s.outcome(row.end(r), want)); diff != "" {
			s.Errorf("the row after the run (-want +got):\n%s", diff)
		}
	}}
}

// outcome writes an end and looks at what it made of the row. It needs to know
// when the row is wanted to be due, since only then it can tell that it is.
func (s *scene) outcome(e store.End, want outcome) outcome {
	s.Helper()
	ended := s.end(e)
	s.wantFenced(e)
	if renewed, err := s.db.Renew(s.ctx, []store.Fence{e.Fence}); err != nil || len(renewed) > 0 {
		s.Fatalf("the ended run was renewed: %v, %v", renewed, err)
	}
	v := s.video(e.Video)
	if ended.State != v.State {
		s.Errorf("End said %s, and the video is %s", ended.State, v.State)
	}
	gate, err := s.db.Admission(s.ctx)
	s.must(err)
	got := outcome{State: v.State, Submission: v.Submission, Billed: v.MayBeBilled, Resumable: v.Resumable, Gate: gate.State}
	if v.Failure != nil {
		got.Failure = v.Failure.Code
	}

	claim, sent := s.next(ended, want, &got)
	_, err = s.db.ResumeAdmission(s.ctx)
	s.must(err)
	if got.Step == "" || v.State != store.Queued { // an admitted row shows by that alone that it held no slot
		got.Slot = len(s.rival()) == 0
	}
	if got.Step == "" {
		return got
	}
	r := s.beginOne(got.Step, claim)
	got.Sent, got.Attempt, got.First, got.Search, got.Refusals = sent, r.Attempt, r.First, r.Search, r.Refusals
	if r.Refusal != nil {
		got.Refusal = r.Refusal.Code
	}
	return got
}

// next finds the claim of the step that follows, and when it is due.
func (s *scene) next(ended store.Ended, want outcome, got *outcome) (c store.Claim, sent bool) {
	s.Helper()
	if ended.Next != nil {
		s.wantNothingDue()
		got.Step = store.Download
		return *ended.Next, true
	}
	if want.Step == "" {
		s.advance(1000 * time.Hour)
		got.Step, c = s.anyDue()
		return c, false
	}
	if want.Due > 0 {
		s.advance(want.Due - margin)
		if got.Step, c = s.anyDue(); got.Step != "" {
			got.Due = early
			return c, false
		}
		s.advance(margin)
	}
	got.Due = want.Due
	if got.Step, c = s.anyDue(); got.Step == "" {
		got.Due = late
	}
	return c, false
}

// anyDue takes the one video that is due, for whatever step.
func (s *scene) anyDue() (store.Step, store.Claim) {
	s.Helper()
	if claims := s.admit(slots); len(claims) > 0 {
		return store.Create, claims[0]
	}
	for _, step := range store.Steps {
		if claims := s.claim(step); len(claims) > 0 {
			return step, claims[0]
		}
	}
	return "", store.Claim{}
}

// rival admits another video, if a slot is free for it.
func (s *scene) rival() []store.Claim {
	s.Helper()
	s.create()
	return s.admit(slots)
}
