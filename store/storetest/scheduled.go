package storetest

import (
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"heyq/store"
)

// chore is the name of a scheduled job.
const chore = "videos:count"

func (s *scene) beginChore() int64 {
	s.Helper()
	run, err := s.db.BeginScheduled(s.ctx, chore)
	s.must(err)
	return run
}

func (s *scene) endChore(run int64, outcome store.RunOutcome, result, failure string) {
	s.Helper()
	s.must(s.db.EndScheduled(s.ctx, store.ScheduledEnd{Name: chore, Run: run, Outcome: outcome, Result: result, Error: failure}))
}

// wantChore checks the last run, whose times are told as how long ago they were.
func (s *scene) wantChore(want store.ScheduledRun) store.ScheduledRun {
	s.Helper()
	list, err := s.db.ScheduledRuns(s.ctx)
	s.must(err)
	if len(list) != 1 {
		s.Fatalf("%d runs are listed, want 1", len(list))
	}
	want.Name = chore
	if diff := cmp.Diff(want, list[0], cmpopts.IgnoreFields(store.ScheduledRun{}, "StartedAt", "Duration", "SucceededAt")); diff != "" {
		s.Errorf("the last run (-want +got):\n%s", diff)
	}
	return list[0]
}

// wantSince checks how long ago the job last succeeded; negative: never.
func (s *scene) wantSince(want time.Duration) {
	s.Helper()
	ago, ran, err := s.db.SinceRun(s.ctx, chore)
	s.must(err)
	if ran != (want >= 0) || ran && (ago < want || ago > want+margin) {
		s.Errorf("it succeeded (%v) %s ago, want %s", ran, ago, want)
	}
}

var scheduledTests = []test{
	{"a scheduled job that never ran", func(s *scene) {
		s.wantSince(-1)
		list, err := s.db.ScheduledRuns(s.ctx)
		s.must(err)
		if len(list) != 0 {
			s.Errorf("listed are %+v", list)
		}
	}},
	{"a run is visible while it goes on, and after its end", func(s *scene) {
		run := s.beginChore()
		s.advance(time.Minute)
		going := s.wantChore(store.ScheduledRun{Run: 1, Outcome: store.RunRunning})
		if going.Duration < time.Minute || going.Duration > time.Minute+margin || !going.SucceededAt.IsZero() {
			s.Errorf("it runs for %s and succeeded at %s", going.Duration, going.SucceededAt)
		}
		s.wantSince(-1)
		s.endChore(run, store.RunSucceeded, "counted 3 videos", "")
		s.advance(time.Hour)
		ended := s.wantChore(store.ScheduledRun{Run: 1, Outcome: store.RunSucceeded, Result: "counted 3 videos"})
		if ended.Duration < time.Minute || ended.Duration > time.Minute+margin {
			s.Errorf("it took %s, want a minute", ended.Duration)
		}
		if gap := ended.SucceededAt.Sub(ended.StartedAt) - ended.Duration; gap != 0 {
			s.Errorf("it succeeded %s after its end", gap)
		}
		s.wantSince(time.Hour)
	}},
	{"a failed run hides no success, and the next one hides the failure", func(s *scene) {
		s.endChore(s.beginChore(), store.RunSucceeded, "", "")
		s.advance(time.Hour)
		s.endChore(s.beginChore(), store.RunFailed, "counted 2 videos", "the disk is full")
		s.wantChore(store.ScheduledRun{Run: 2, Outcome: store.RunFailed, Result: "counted 2 videos", Error: "the disk is full"})
		s.wantSince(time.Hour)
		s.endChore(s.beginChore(), store.RunInterrupted, "counted 1 video", "")
		s.wantChore(store.ScheduledRun{Run: 3, Outcome: store.RunInterrupted, Result: "counted 1 video"})
		s.wantSince(time.Hour)
		s.endChore(s.beginChore(), store.RunSucceeded, "", "")
		s.wantChore(store.ScheduledRun{Run: 4, Outcome: store.RunSucceeded})
		s.wantSince(0)
	}},
	{"a run that was overtaken writes nothing", func(s *scene) {
		first := s.beginChore()
		second := s.beginChore()
		s.endChore(first, store.RunSucceeded, "late", "")
		s.wantChore(store.ScheduledRun{Run: second, Outcome: store.RunRunning})
		s.endChore(second, store.RunFailed, "", "broken")
		s.wantChore(store.ScheduledRun{Run: second, Outcome: store.RunFailed, Error: "broken"})
		s.wantSince(-1)
	}},
}
