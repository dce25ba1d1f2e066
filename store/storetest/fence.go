package storetest

import (
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"heyq/store"
)

var fenceTests = []test{
	{"a claim begins once", func(s *scene) {
		claim := s.admitted()
		s.beginOne(store.Create, claim)
		s.wantNoBegin(store.Create, claim)
		s.advance(store.DefaultTiming.Lease + margin)
		s.wantNoBegin(store.Create, claim)
	}},
	{"of many deliveries of a claim, one begins", func(s *scene) {
		claim := s.admitted()
		var mu sync.Mutex
		began := 0
		var g errgroup.Group
		for range 12 {
			g.Go(func() error {
				runs, err := s.db.Begin(s.ctx, store.Create, []store.Claim{claim})
				mu.Lock()
				defer mu.Unlock()
				began += len(runs)
				return err
			})
		}
		s.must(g.Wait())
		if began != 1 {
			s.Errorf("%d runs began, want 1", began)
		}
	}},
	{"a claim twice in one list begins once", func(s *scene) {
		claim := s.admitted()
		if runs := s.begin(store.Create, claim, claim); len(runs) != 1 || !runs[0].First {
			s.Errorf("runs %+v, want one first send", runs)
		}
	}},
	{"an older claim does not begin", func(s *scene) {
		old := s.admitted()
		s.advance(store.DefaultTiming.Redispatch + margin)
		claim := s.claimOne(store.Create)
		s.wantNoBegin(store.Create, old)
		s.beginOne(store.Create, claim)
	}},
	{"a claim that was never given does not begin", func(s *scene) {
		claim := s.admitted()
		claim.Claim++
		s.wantNoBegin(store.Create, claim)
	}},
	{"a claim begins for its own step only", func(s *scene) {
		claim := s.admitted()
		s.wantNoBegin(store.Poll, claim)
		s.wantNoBegin(store.Download, claim)
		s.end(store.Accepted(s.beginOne(store.Create, claim), "hg-1", 0))
		claim = s.claimOne(store.Poll)
		s.wantNoBegin(store.Create, claim)
		s.wantNoBegin(store.Download, claim)
		claim = *s.end(store.Rendered(s.beginOne(store.Poll, claim))).Next
		s.wantNoBegin(store.Create, claim)
		s.wantNoBegin(store.Poll, claim)
		s.beginOne(store.Download, claim)
	}},
	{"an end under another state is refused", func(s *scene) {
		r := s.polling()
		wrong := store.Rendered(r)
		wrong.Fence.State = store.Failed
		s.wantFenced(wrong)
		s.wantState(r.Video, store.Rendering)
	}},
	{"a run whose lease ran out may still end while nobody else began", func(s *scene) {
		r := s.sending()
		s.advance(store.DefaultTiming.Lease + margin)
		claim := s.claimOne(store.Create)
		s.end(accept(r))
		s.wantNoBegin(store.Create, claim)
	}},
	{"a run that was overtaken writes nothing", func(s *scene) {
		stale := s.sending()
		s.advance(store.DefaultTiming.Lease + margin)
		r := s.again(store.Create)
		for _, e := range []store.End{accept(stale), refuse(stale), throttle(stale), unclear(stale), notSent(stale)} {
			s.wantFenced(e)
		}
		if renewed, err := s.db.Renew(s.ctx, []store.Fence{stale.Fence}); err != nil || len(renewed) > 0 {
			s.Errorf("the overtaken run was renewed: %v, %v", renewed, err)
		}
		if r.First {
			s.Error("the second send of a key was called its first")
		}
		s.end(accept(r))
	}},
	{"a live lease keeps everyone else out", func(s *scene) {
		r := s.sending()
		for range 5 {
			s.advance(store.DefaultTiming.Lease - margin)
			s.wantNothingDue()
			renewed, err := s.db.Renew(s.ctx, []store.Fence{r.Fence})
			s.must(err)
			if len(renewed) != 1 || renewed[0] != r.Fence {
				s.Fatalf("renewed %v, want %v", renewed, r.Fence)
			}
		}
		s.end(accept(r))
	}},
	{"of two ends of a run, one is written", func(s *scene) {
		r := s.polling()
		var mu sync.Mutex
		written := 0
		var g errgroup.Group
		for _, e := range []store.End{store.Rendered(r), still(r), renderFailed(r), store.HandedBack(r)} {
			g.Go(func() error {
				ended, err := s.db.End(s.ctx, []store.End{e})
				mu.Lock()
				defer mu.Unlock()
				written += len(ended)
				return err
			})
		}
		s.must(g.Wait())
		if written != 1 {
			s.Errorf("%d ends of one run were written, want 1", written)
		}
	}},
	{"a batch touches its own rows only", func(s *scene) {
		ids := s.createMany(4)
		runs := s.begin(store.Create, s.admit(4)...)
		stale := store.Accepted(runs[3], "hg-3", 0)
		s.end(unclear(runs[3]))
		ended, err := s.db.End(s.ctx, []store.End{store.Accepted(runs[0], "hg-0", 0), refuse(runs[1]), throttle(runs[2]), stale})
		s.must(err)
		if len(ended) != 3 {
			s.Fatalf("%d ends were written, want 3", len(ended))
		}
		want := map[store.State]int{store.Rendering: 1, store.Failed: 1, store.Queued: 1, store.Submitting: 1}
		got, err := s.db.Counts(s.ctx)
		s.must(err)
		for state, n := range want {
			if got[state] != n {
				s.Errorf("%d of %d videos are %s, want %d", got[state], len(ids), state, n)
			}
		}
	}},
	{"empty lists do nothing", func(s *scene) {
		for _, step := range store.Steps {
			s.begin(step)
		}
		_, err := s.db.End(s.ctx, nil)
		s.must(err)
		_, err = s.db.Renew(s.ctx, nil)
		s.must(err)
		_, err = s.db.Hold(s.ctx, nil)
		s.must(err)
		s.must(s.db.Unclaim(s.ctx, nil))
	}},
	{"what a run says of its row", func(s *scene) {
		r := s.resending()
		if r.Submission != 1 || r.Attempt != 1 || r.First || r.Search || r.Settled || r.KeyExpired || r.Title != "Hello" ||
			r.Description != "A greeting" || r.Metadata["order"] != "7" || !sameJSON(r.Request, newVideo().Request) || r.CreatedAt.IsZero() {
			s.Errorf("create: %+v", r)
		}
		s.end(store.Accepted(r, "hg-1", time.Minute))
		s.advance(time.Minute)
		r = s.again(store.Poll)
		if r.HeyGenID != "hg-1" || r.RenderingFor < time.Minute || r.RenderingFor > time.Minute+margin ||
			r.PastDeadline || r.PastWriteOff || !r.Slot || r.Attempt != 0 {
			s.Errorf("poll: %+v", r)
		}
		s.end(still(r))
		s.advance(store.DefaultTiming.RenderTimeout)
		if r = s.again(store.Poll); !r.PastDeadline || r.PastWriteOff {
			s.Errorf("poll after the deadline: %+v", r)
		}
		s.end(timedOut(r))
		s.advance(store.DefaultTiming.SlotWriteOff)
		if r = s.again(store.Poll); !r.PastDeadline || !r.PastWriteOff || r.State != store.Failed {
			s.Errorf("poll long after the deadline: %+v", r)
		}
		r = s.beginOne(store.Download, *s.end(store.Rendered(r)).Next)
		if r.HeyGenID != "hg-1" || r.Title != "Hello" || r.Metadata["order"] != "7" || !sameJSON(r.Request, newVideo().Request) {
			s.Errorf("download: %+v", r)
		}
	}},
}
