package storetest

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/store"
)

// wantCancel cancels and compares what was and is.
func (s *scene) wantCancel(id uuid.UUID, was, is store.State) {
	s.Helper()
	if s.cancelAll {
		stopped, err := s.db.CancelAll(s.ctx, []uuid.UUID{id}, operator)
		s.must(err)
		if want := []store.CancelledVideo{{ID: id, Was: was}}; !slices.Equal(stopped, want) {
			s.Fatalf("cancelled %+v, want %+v", stopped, want)
		}
	} else {
		v, before, err := s.db.Cancel(s.ctx, store.Everyone(), id)
		s.must(err)
		if before != was || v.State != is {
			s.Fatalf("cancel: %s → %s, want %s → %s", before, v.State, was, is)
		}
	}
	if got := s.video(id); got.State != is {
		s.Fatalf("the video is %s, want %s", got.State, is)
	}
}

func (s *scene) wantNoCancel(id uuid.UUID) {
	s.Helper()
	if s.cancelAll {
		stopped, err := s.db.CancelAll(s.ctx, []uuid.UUID{id}, operator)
		s.must(err)
		if len(stopped) > 0 {
			s.Fatalf("cancelled %+v, want nothing", stopped)
		}
		return
	}
	_, _, err := s.db.Cancel(s.ctx, store.Everyone(), id)
	s.wantFault(err, fault.Conflict)
}

// asCancelAll are the tests of Cancel, by CancelAll: the one does with a page what
// the other does with a video.
func asCancelAll(tests []test) []test {
	all := slices.Clone(tests)
	for i, t := range tests {
		all[i].run = func(s *scene) {
			s.cancelAll = true
			t.run(s)
		}
	}
	return append(all, test{"a page ends at once, and each is written down", func(s *scene) {
		done, downloading, sent := s.completed(), s.downloading(), s.sending()
		queued := s.create()
		ids := []uuid.UUID{queued, sent.Video, downloading.Video, done, uuid.Must(uuid.NewV7())}
		stopped, err := s.db.CancelAll(s.ctx, ids, operator)
		s.must(err)
		was := map[uuid.UUID]store.State{}
		for _, v := range stopped {
			was[v.ID] = v.Was
		}
		for id, state := range map[uuid.UUID]store.State{
			queued: store.Queued, sent.Video: store.Submitting, downloading.Video: store.Downloading,
		} {
			if was[id] != state {
				s.Errorf("%s was %q, want %q", id, was[id], state)
			}
			s.wantActions(id.String(), store.Action{By: operator, Verb: store.CancelJob, Job: id.String(), Video: id, Outcome: store.CancelledVideo{Was: state}.Outcome()})
		}
		if len(stopped) != 3 {
			s.Errorf("%d were cancelled, want 3", len(stopped))
		}
		s.wantActions(done.String())
	}})
}

var cancelTests = []test{
	{"a queued video ends; nothing was sent", func(s *scene) {
		id := s.create()
		s.wantCancel(id, store.Queued, store.Cancelled)
		if len(s.admit(1)) > 0 {
			s.Error("a cancelled video was admitted")
		}
		s.advance(1000 * time.Hour)
		s.wantNothingDue()
		s.wantNoCancel(id)
	}},
	{"an admitted video gives its slot back", func(s *scene) {
		claim := s.admitted()
		s.wantCancel(claim.Video, store.Queued, store.Cancelled)
		s.wantNoBegin(store.Create, claim)
		s.wantFree(1, 1)
	}},
	{"a video that is being submitted is asked to, and its answer is kept", func(s *scene) {
		r := s.sending()
		s.wantCancel(r.Video, store.Submitting, store.Submitting)
		s.wantCancel(r.Video, store.Submitting, store.Submitting)
		if renewed, err := s.db.Renew(s.ctx, []store.Fence{r.Fence}); err != nil || len(renewed) != 1 {
			s.Fatalf("the runner was fenced away: %v, %v", renewed, err)
		}
		s.end(accept(r))
		v := s.video(r.Video)
		if v.State != store.Cancelled || v.HeyGenID != heygenID(r.Video) || !v.MayBeBilled {
			s.Errorf("the video is %+v, want cancelled with HeyGen's id", v)
		}
		s.wantFree(1, 0)
	}},
	{"a rendering video keeps its slot and is watched", func(s *scene) {
		r := s.polling()
		s.wantCancel(r.Video, store.Rendering, store.Cancelled)
		s.wantFenced(store.Rendered(r))
		s.wantNoCancel(r.Video)
		s.wantFree(1, 0)
		s.end(store.Rendered(s.again(store.Poll)))
		s.wantState(r.Video, store.Cancelled)
		s.wantFree(1, 1)
		s.wantNothingDue()
	}},
	{"a downloading video ends", func(s *scene) {
		r := s.downloading()
		s.wantCancel(r.Video, store.Downloading, store.Cancelled)
		s.wantFenced(store.Downloaded(r, prefix, file))
		s.wantFree(1, 1)
		s.advance(1000 * time.Hour)
		s.wantNothingDue()
		if v := s.video(r.Video); v.MediaPrefix != "" || v.File != nil {
			s.Errorf("a cancelled video has a file: %+v", v)
		}
	}},
	{"a resumed render without a slot ends", func(s *scene) {
		r := s.downloading()
		s.end(giveUp(r))
		s.retry(r.Video, false)
		s.wantCancel(r.Video, store.Rendering, store.Cancelled)
		s.wantNothingDue()
	}},
	{"what has ended cannot be cancelled", func(s *scene) {
		s.wantNoCancel(s.completed())
		r := s.sending()
		s.end(refuse(r))
		s.wantNoCancel(r.Video)
		failed := s.pollingFailed()
		s.wantNoCancel(failed.Video)
		s.end(store.Rendered(failed)) // the watch was not disturbed
	}},
	{"the history has one line for it", func(s *scene) {
		r := s.polling()
		s.cancel(r.Video)
		s.end(still(s.again(store.Poll)))
		states := []store.State{store.Queued, store.Submitting, store.Rendering, store.Cancelled}
		s.wantHistory(r.Video, states...)
	}},
}
