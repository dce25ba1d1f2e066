package storetest

import (
	"fmt"
	"time"

	"heyq/store"
)

// stopped sends n videos of createMany through an open gate and has HeyGen refuse
// the first of them for why. It returns the runs that are still under way.
func (s *scene) stopped(n, sent int, why *store.Refusal) []store.Run {
	s.Helper()
	s.createMany(n)
	runs := s.begin(store.Create, s.admit(sent)...)
	s.end(store.Refused(runs[0], refusal, time.Minute, why))
	s.wantGate(store.Admission{State: store.Stopped, Reason: why.Reason})
	return runs[1:]
}

// probe lets the one video through that a stopped gate lets through after wait.
func (s *scene) probe(wait time.Duration) store.Run {
	s.Helper()
	s.advance(wait - margin)
	if claims := s.admit(10); len(claims) > 0 {
		s.Fatalf("%d videos were let through before %s were over", len(claims), wait)
	}
	s.advance(margin)
	claims := s.admit(10)
	if len(claims) != 1 {
		s.Fatalf("%d videos were let through after %s, want 1", len(claims), wait)
	}
	if more := s.admit(10); len(more) > 0 {
		s.Fatalf("%d more were let through", len(more))
	}
	return s.beginOne(store.Create, claims[0])
}

func (s *scene) wantStates(want map[store.State]int) {
	s.Helper()
	got, err := s.db.Counts(s.ctx)
	s.must(err)
	if fmt.Sprint(got) != fmt.Sprint(want) {
		s.Fatalf("videos are %v, want %v", got, want)
	}
}

// refusedAll has HeyGen refuse runs one by one, each for a reason of its kind.
func (s *scene) refusedAll(runs []store.Run, kinds ...string) {
	s.Helper()
	for i, r := range runs {
		s.end(store.Refused(r, refusal, time.Minute, equal(kinds[i%len(kinds)])))
	}
}

func equal(kind string) *store.Refusal {
	return &store.Refusal{Kind: kind, Reason: kind, Proof: store.ProofSend, Wait: time.Minute}
}

// edge is an answer of what stands before HeyGen.
var edge = &store.Refusal{Kind: "403 of a gateway", Reason: "403", Proof: store.ProofAnswer, Wait: time.Minute}

// broke is a render that failed because the account is empty.
var broke = &store.Refusal{Kind: "payment", Reason: "no credit", Account: true, Proof: store.ProofRender}

var probeTests = []test{
	{"no video fails of what is the account's", func(s *scene) {
		for _, r := range s.stopped(20, 10, stop) {
			s.end(stopAll(r))
		}
		s.wantStates(map[store.State]int{store.Queued: 20})
	}},
	{"one video is let through, and opens the gate if HeyGen takes it", func(s *scene) {
		s.stopped(5, 1, stop)
		r := s.probe(store.ProbeWait)
		s.end(accept(r))
		s.wantGate(store.Admission{State: store.Open})
		if n := len(s.admit(10)); n != 4 {
			s.Fatalf("%d videos were admitted behind it, want 4", n)
		}
	}},
	{"the same refusal keeps the gate closed, for twice as long", func(s *scene) {
		s.stopped(5, 1, stop)
		wait := store.ProbeWait
		for range 6 {
			r := s.probe(wait)
			s.end(stopAll(r))
			s.wantGate(store.Admission{State: store.Stopped, Reason: stop.Reason})
			s.wantState(r.Video, store.Queued)
			wait = min(2*wait, store.MostProbeWait)
		}
	}},
	{"a key that was refused is not used again", func(s *scene) {
		s.stopped(1, 1, stop)
		if r := s.probe(time.Minute); r.Refusals != 1 || !r.First {
			s.Fatalf("the probe is %+v, want another key, sent for the first time", r)
		}
	}},
	{"what was sent before the gate closed does not open it", func(s *scene) {
		for _, r := range s.stopped(5, 3, stop) {
			s.end(accept(r))
		}
		s.wantGate(store.Admission{State: store.Stopped, Reason: stop.Reason})
	}},
	{"nor does a resend, which HeyGen may answer from memory", func(s *scene) {
		r := s.stopped(5, 2, stop)[0]
		s.end(store.Unclear(r, 0))
		s.end(accept(s.again(store.Create)))
		s.wantGate(store.Admission{State: store.Stopped, Reason: stop.Reason})
	}},
	{"but that of the video which was let through does", func(s *scene) {
		s.stopped(5, 1, stop)
		s.end(store.Unclear(s.probe(store.ProbeWait), 0))
		s.advance(time.Hour)
		if n := len(s.admit(10)); n > 0 {
			s.Fatalf("%d more were let through while the first is unclear", n)
		}
		s.end(accept(s.again(store.Create)))
		s.wantGate(store.Admission{State: store.Open})
	}},
	{"one that fails of its own makes room for the next", func(s *scene) {
		s.stopped(5, 1, stop)
		s.end(store.Refused(s.probe(store.ProbeWait), refusal, 0, equal("400")))
		s.wantStates(map[store.State]int{store.Queued: 4, store.Failed: 1})
		s.end(accept(s.probe(store.ProbeWait)))
		s.wantGate(store.Admission{State: store.Open})
	}},
	{"one that is cancelled, too", func(s *scene) {
		s.stopped(5, 1, stop)
		s.advance(store.ProbeWait)
		s.cancel(s.admit(10)[0].Video)
		s.end(accept(s.probe(store.ProbeWait)))
	}},
	{"an operator's resume opens it, and the next refusal closes it", func(s *scene) {
		s.stopped(5, 1, stop)
		s.resume()
		r := s.begin(store.Create, s.admit(1)...)[0]
		s.end(stopAll(r))
		s.wantGate(store.Admission{State: store.Stopped, Reason: stop.Reason})
		s.probe(store.ProbeWait)
	}},
	{"an operator's pause lets nobody through", func(s *scene) {
		s.stopped(5, 1, stop)
		s.advance(store.ProbeWait)
		claim := s.admit(1)[0]
		s.pause()
		s.wantNoBegin(store.Create, claim)
		s.advance(time.Hour)
		if n := len(s.admit(10)); n > 0 {
			s.Fatalf("%d videos were let through", n)
		}
	}},
	{"a refused resend is looked for, and then waits in line", func(s *scene) {
		s.stopped(1, 1, stop)
		s.resume()
		s.advance(time.Minute)
		s.end(store.Unclear(s.beginOne(store.Create, s.admit(1)[0]), 0))
		again := s.again(store.Create)
		s.end(store.Refused(again, refusal, 0, stop))
		s.advance(store.DefaultTiming.Grace)
		s.end(notFound(s.again(store.Create)))
		s.wantState(again.Video, store.Queued)
		s.end(accept(s.probe(0)))
		s.wantGate(store.Admission{State: store.Open})
	}},
	{"equal refusals in a row close the gate before a fifth video fails", func(s *scene) {
		s.createMany(20)
		s.refusedAll(s.begin(store.Create, s.admit(10)...), "404")
		s.wantGate(store.Admission{State: store.Stopped, Reason: "5 videos in a row met the same: 404"})
		s.wantStates(map[store.State]int{store.Queued: 16, store.Failed: 4})
	}},
	{"together in one flush as well", func(s *scene) {
		s.createMany(20)
		var ends []store.End
		for _, r := range s.begin(store.Create, s.admit(10)...) {
			ends = append(ends, store.Refused(r, refusal, time.Minute, equal("404")))
		}
		_, err := s.db.End(s.ctx, ends)
		s.must(err)
		s.wantStates(map[store.State]int{store.Queued: 16, store.Failed: 4})
	}},
	{"different ones do not, nor those of one video", func(s *scene) {
		s.createMany(12)
		s.refusedAll(s.begin(store.Create, s.admit(12)...), "404", "400")
		s.wantGate(store.Admission{State: store.Open})
		s.wantStates(map[store.State]int{store.Failed: 12})
	}},
	{"nor those between which HeyGen takes a video", func(s *scene) {
		s.createMany(12)
		for i, r := range s.begin(store.Create, s.admit(12)...) {
			if i%3 == 2 {
				s.end(accept(r))
			} else {
				s.refusedAll([]store.Run{r}, "404")
			}
		}
		s.wantGate(store.Admission{State: store.Open})
	}},
	{"a stale refusal does not count", func(s *scene) {
		s.createMany(5)
		runs := s.begin(store.Create, s.admit(5)...)
		s.refusedAll(runs[:4], "404")
		s.end(unclear(runs[4]))
		s.wantFenced(store.Refused(runs[4], refusal, 0, equal("404")))
		s.wantGate(store.Admission{State: store.Open})
	}},
	{"what passes for another video is a matter of the video", func(s *scene) {
		s.stopped(30, 1, stop)
		s.end(accept(s.probe(store.ProbeWait)))
		s.advance(time.Minute)
		runs := s.begin(store.Create, s.admit(20)...)
		for i, r := range runs[:4] {
			s.end(stopAll(r))
			s.wantState(r.Video, store.Queued)
			s.wantGate(store.Admission{State: store.Open})
			if i == 2 {
				s.end(accept(runs[11]))
			}
		}
		last := *stop
		last.Last = true
		s.end(store.Refused(runs[4], refusal, 0, &last))
		s.wantState(runs[4].Video, store.Failed)
		for _, r := range runs[5:8] {
			s.end(stopAll(r))
		}
		s.wantGate(store.Admission{State: store.Stopped, Reason: stop.Reason})
	}},
	{"what stands before HeyGen closes the gate, and a resend opens it", func(s *scene) {
		s.createMany(20)
		runs := s.begin(store.Create, s.admit(8)...)
		for _, r := range runs {
			end := unclear(r)
			end.Refusal = edge
			s.end(end)
		}
		s.wantGate(store.Admission{State: store.Stopped, Reason: "5 videos in a row met the same: 403"})
		s.wantStates(map[store.State]int{store.Queued: 12, store.Submitting: 8})
		s.advance(time.Minute)
		again := s.begin(store.Create, s.claim(store.Create)...)
		for _, r := range again[1:] {
			end := store.Unreachable(r, 0)
			end.Refusal = edge
			s.end(end)
		}
		s.end(accept(again[0]))
		s.wantGate(store.Admission{State: store.Open})
		s.advance(store.ProbeWait)
		for _, r := range s.begin(store.Create, s.claim(store.Create)...) {
			if r.Search || r.Attempt > 1 {
				s.Fatalf("attempts were used up while the gate was closed: %+v", r)
			}
		}
	}},
	{"a render that failed for want of money closes the gate until one completes", func(s *scene) {
		s.createMany(5)
		for _, r := range s.begin(store.Create, s.admit(2)...) {
			s.end(store.Accepted(r, heygenID(r.Video), 0))
		}
		runs := s.begin(store.Poll, s.claim(store.Poll)...)
		end := store.RenderFailed(runs[0], dead)
		end.Refusal = broke
		s.end(end)
		s.wantState(runs[0].Video, store.Failed)
		s.wantGate(store.Admission{State: store.Stopped, Reason: broke.Reason})
		s.end(store.Rendered(runs[1])) // it was accepted before
		r := s.probe(store.ProbeWait)
		s.end(store.Accepted(r, heygenID(r.Video), 0))
		s.wantGate(store.Admission{State: store.Stopped, Reason: broke.Reason})
		s.advance(time.Hour)
		if n := len(s.admit(10)); n > 0 {
			s.Fatalf("%d more were let through while the first renders", n)
		}
		s.end(store.Rendered(s.again(store.Poll)))
		s.wantGate(store.Admission{State: store.Open})
	}},
}
