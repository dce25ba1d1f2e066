package storetest

import (
	"context"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"heyq/store"
)

func (s *scene) wantGate(want store.Admission) {
	s.Helper()
	got, err := s.db.Admission(s.ctx)
	s.must(err)
	if diff := cmp.Diff(want, got, cmpopts.EquateApproxTime(margin)); diff != "" {
		s.Fatalf("admission (-want +got):\n%s", diff)
	}
}

func (s *scene) pause() {
	s.Helper()
	got, err := s.db.PauseAdmission(s.ctx, store.OperatorReason)
	s.must(err)
	if diff := cmp.Diff(store.Admission{State: store.Paused, Reason: store.OperatorReason}, got); diff != "" {
		s.Fatalf("pause (-want +got):\n%s", diff)
	}
}

func (s *scene) resume() {
	s.Helper()
	got, err := s.db.ResumeAdmission(s.ctx)
	s.must(err)
	if diff := cmp.Diff(store.Admission{State: store.Open}, got); diff != "" {
		s.Fatalf("resume (-want +got):\n%s", diff)
	}
}

func pausedFor(reason string) store.Admission {
	return store.Admission{State: store.Paused, Reason: reason}
}

// wantChanged closes or reopens the gate for the reason "drill".
func (s *scene) wantChanged(change func(context.Context, string) (store.Admission, error), want store.Admission) {
	s.Helper()
	got, err := change(s.ctx, "drill")
	s.must(err)
	if diff := cmp.Diff(want, got); diff != "" {
		s.Fatalf("admission (-want +got):\n%s", diff)
	}
}

var gateTests = []test{
	{"is open at first", func(s *scene) { s.wantGate(store.Admission{State: store.Open}) }},
	{"a pause by an operator lasts until an operator resumes it", func(s *scene) {
		s.create()
		s.pause()
		s.advance(1000 * time.Hour)
		s.wantGate(store.Admission{State: store.Paused, Reason: store.OperatorReason})
		if len(s.admit(1)) > 0 {
			s.Fatal("a video was admitted through a closed gate")
		}
		s.resume()
		if len(s.admit(1)) != 1 {
			s.Fatal("no video was admitted after the pause")
		}
	}},
	{"closing takes back the slots of what has not begun", func(s *scene) {
		claim := s.admitted()
		s.pause()
		s.wantNoBegin(store.Create, claim)
		s.wantNothingDue()
		s.resume()
		s.wantNoBegin(store.Create, claim)
		again := s.admit(1)
		if len(again) != 1 || again[0].Video != claim.Video || again[0].Claim <= claim.Claim {
			s.Fatalf("admitted %v after %v, want the same video again", again, claim)
		}
		s.beginOne(store.Create, again[0])
	}},
	{"what was sent goes on", func(s *scene) {
		first := s.sending()
		s.pause()
		s.end(store.Unclear(first, 0))
		s.end(store.Accepted(s.again(store.Create), "hg-1", 0))
		s.end(store.Rendered(s.again(store.Poll)))
		s.wantState(first.Video, store.Downloading)
	}},
	{"Retry-After pauses for everyone, and ends by itself", func(s *scene) {
		s.createMany(3)
		claims := s.admit(2)
		r := s.beginOne(store.Create, claims[0])
		s.end(throttle(r))
		gate, err := s.db.Admission(s.ctx)
		s.must(err)
		if gate.State != store.Paused || gate.Until.IsZero() {
			s.Fatalf("admission is %+v, want a pause with an end", gate)
		}
		s.wantNoBegin(store.Create, claims[1])
		s.advance(time.Minute - margin)
		if len(s.admit(3)) > 0 {
			s.Fatal("a video was admitted before the pause was over")
		}
		s.advance(margin)
		s.wantGate(store.Admission{State: store.Open})
		if n := len(s.admit(3)); n != 3 {
			s.Fatalf("%d videos were admitted after the pause, want 3", n)
		}
	}},
	{"the longer of two pauses holds", func(s *scene) {
		s.createMany(3)
		runs := s.begin(store.Create, s.admit(3)...)
		ends := []store.End{
			store.Throttled(runs[0], time.Minute, "long"),
			store.Throttled(runs[1], time.Second, "short"),
		}
		_, err := s.db.End(s.ctx, ends)
		s.must(err)
		s.end(store.Throttled(runs[2], time.Second, "shorter"))
		s.advance(time.Minute - margin)
		if len(s.admit(3)) > 0 {
			s.Fatal("the longer pause was cut short")
		}
		s.advance(margin)
		if n := len(s.admit(3)); n != 3 {
			s.Fatalf("%d videos were admitted after the pause, want 3", n)
		}
	}},
	{"an operator's pause outlasts a stop, and no video fails of it", func(s *scene) {
		r := s.sending()
		s.pause()
		s.end(stopAll(r))
		s.wantGate(store.Admission{State: store.Paused, Reason: store.OperatorReason})
		s.wantState(r.Video, store.Queued)
		s.advance(1000 * time.Hour)
		if len(s.admit(1)) > 0 {
			s.Fatal("a video was let through a gate that an operator has paused")
		}
	}},
	{"a Retry-After does not end an operator's pause, nor a stop", func(s *scene) {
		s.createMany(3)
		runs := s.begin(store.Create, s.admit(3)...)
		s.pause()
		s.end(throttle(runs[0]))
		s.wantGate(store.Admission{State: store.Paused, Reason: store.OperatorReason})
		s.resume()
		s.end(stopAll(runs[1]))
		s.end(throttle(runs[2]))
		s.wantGate(store.Admission{State: store.Stopped, Reason: stop.Reason})
	}},
	{"of a stop and a pause in one batch, the stop holds", func(s *scene) {
		s.createMany(2)
		runs := s.begin(store.Create, s.admit(2)...)
		_, err := s.db.End(s.ctx, []store.End{stopAll(runs[0]), throttle(runs[1])})
		s.must(err)
		s.wantGate(store.Admission{State: store.Stopped, Reason: stop.Reason})
		s.resume()
		s.advance(time.Minute)
		if len(s.admit(2)) != 2 {
			s.Fatal("the videos were not admitted after the stop")
		}
	}},
	{"a fenced end closes nothing", func(s *scene) {
		r := s.sending()
		s.end(unclear(r))
		s.wantFenced(stopAll(r))
		s.wantGate(store.Admission{State: store.Open})
	}},
	{"who closes for a reason reopens what that closed", func(s *scene) {
		claim := s.admitted()
		s.wantChanged(s.db.CloseAdmission, pausedFor("drill"))
		s.wantNoBegin(store.Create, claim)
		s.wantChanged(s.db.CloseAdmission, pausedFor("drill"))
		if gate, err := s.db.ReopenAdmission(s.ctx, "another reason"); err != nil || gate != pausedFor("drill") {
			s.Fatalf("for another reason: %+v, %v", gate, err)
		}
		s.wantChanged(s.db.ReopenAdmission, store.Admission{State: store.Open})
		s.wantChanged(s.db.ReopenAdmission, store.Admission{State: store.Open})
		if again := s.admit(1); len(again) != 1 || again[0].Video != claim.Video {
			s.Fatalf("admitted %v, want the video that lost its slot", again)
		}
	}},
	{"closing for a reason leaves a stop and an operator's pause", func(s *scene) {
		s.pause()
		s.wantChanged(s.db.CloseAdmission, pausedFor(store.OperatorReason))
		s.wantChanged(s.db.ReopenAdmission, pausedFor(store.OperatorReason))
		s.resume()
		s.end(stopAll(s.sending()))
		stopped := store.Admission{State: store.Stopped, Reason: stop.Reason}
		s.wantChanged(s.db.CloseAdmission, stopped)
		s.wantChanged(s.db.ReopenAdmission, stopped)
	}},
	{"a stop leaves a pause for a reason, which ends as it does", func(s *scene) {
		r := s.sending()
		s.wantChanged(s.db.CloseAdmission, pausedFor("drill"))
		s.end(stopAll(r))
		s.wantGate(pausedFor("drill"))
		s.wantChanged(s.db.ReopenAdmission, store.Admission{State: store.Open})
	}},
	{"closing for a reason outlasts a Retry-After", func(s *scene) {
		s.createMany(2)
		runs := s.begin(store.Create, s.admit(2)...)
		s.end(throttle(runs[0]))
		s.wantChanged(s.db.CloseAdmission, pausedFor("drill"))
		s.end(throttle(runs[1]))
		s.advance(time.Hour)
		s.wantGate(pausedFor("drill"))
		s.wantChanged(s.db.ReopenAdmission, store.Admission{State: store.Open})
		if n := len(s.admit(2)); n != 2 {
			s.Fatalf("%d videos were admitted, want both", n)
		}
	}},
	{"resuming makes the waiting due, but not before their time", func(s *scene) {
		s.end(store.Throttled(s.sending(), time.Hour, "slow down"))
		s.create(notBefore(time.Now().Add(30 * time.Minute)))
		s.resume()
		if n := len(s.admit(2)); n != 1 {
			s.Fatalf("%d videos were admitted, want the one that waited for the pause", n)
		}
	}},
}
