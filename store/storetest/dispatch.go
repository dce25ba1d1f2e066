package storetest

import (
	"bytes"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"heyq/store"
)

var dispatchTests = []test{
	{"what is due next", func(s *scene) {
		want := func(when string, in time.Duration, open bool) {
			s.Helper()
			next, err := s.db.NextDue(s.ctx)
			s.must(err)
			if off := (next.In - in).Abs(); off > margin || (in == 0) != (next.In == 0) || next.Open != open {
				s.Errorf("%s: something is due in %s (open: %t), want %s (%t)", when, next.In, next.Open, in, open)
			}
		}
		want("empty", store.NothingDue, false)
		now, err := s.db.Now(s.ctx)
		s.must(err)
		s.cancel(s.create(notBefore(now.Add(time.Hour))))
		want("cancelled", store.NothingDue, false)
		later := s.create(notBefore(now.Add(time.Hour)))
		want("asked for later", time.Hour, false)
		s.cancel(later)
		s.create()
		want("created", 0, false)
		r := s.beginOne(store.Create, s.admit(1)[0])
		want("at work", store.DefaultTiming.Lease, true)
		s.end(accept(r))
		want("rendering", 5*time.Minute, true)
		s.advance(5 * time.Minute)
		want("to be polled", 0, true)
		ended := s.end(store.Rendered(s.again(store.Poll)))
		want("sent", store.DefaultTiming.Redispatch, true)
		s.end(store.Downloaded(s.beginOne(store.Download, *ended.Next), prefix, file))
		want("to be measured", 0, true)
	}},
	{"doubts are counted in a row, and last", func(s *scene) {
		r := s.polling()
		wantDoubts := func(r store.Run, n int, since time.Duration) {
			s.Helper()
			if off := (r.DoubtedFor - since).Abs(); r.Doubts != n || off > margin {
				s.Errorf("begun with %d doubts for %s, want %d for %s", r.Doubts, r.DoubtedFor, n, since)
			}
		}
		again := func(e store.End) store.Run {
			s.Helper()
			s.end(e)
			s.advance(time.Minute)
			return s.again(store.Poll)
		}
		wantDoubts(r, 0, 0)
		r = again(doubted(false)(r))
		wantDoubts(r, 1, time.Minute)
		r = again(store.Unanswered(r, time.Minute))
		r = again(stepFailed(r))
		wantDoubts(r, 1, 3*time.Minute)
		r = again(doubted(false)(r))
		wantDoubts(r, 2, 4*time.Minute)
		r = again(still(r))
		wantDoubts(r, 0, 0)
		r = again(doubted(true)(r))
		wantDoubts(r, 1, time.Minute)
		if r.Slot {
			s.Error("a slot that was given up is held")
		}
		r = again(missing(r))
		wantDoubts(r, 2, 2*time.Minute)
		ended := s.end(store.Rendered(r))
		d := s.beginOne(store.Download, *ended.Next)
		wantDoubts(d, 0, 0)
		s.end(store.FileMissing(d, 0))
		wantDoubts(s.again(store.Download), 1, 0)
	}},
	{"a lost task is sent again", func(s *scene) {
		first := s.admitted()
		s.advance(store.DefaultTiming.Redispatch - margin)
		s.wantNothingDue()
		s.advance(margin)
		if again := s.claimOne(store.Create); again.Video != first.Video || again.Claim <= first.Claim {
			s.Errorf("claimed %v after %v, want the same video under a newer claim", again, first)
		}
	}},
	{"what was granted lately is granted again", func(s *scene) {
		long := s.admitted()
		s.advance(time.Minute)
		s.createMany(3)
		lately := s.admit(4)
		if len(lately) != 3 {
			s.Fatalf("admitted %v, want three more", lately)
		}
		running := s.beginOne(store.Create, lately[0])
		held, err := s.db.Hold(s.ctx, lately[1:2])
		s.must(err)
		if len(held) != 1 {
			s.Fatalf("held %v", held)
		}
		s.must(s.db.Regrant(s.ctx, 10*time.Second))
		again := s.claimOne(store.Create)
		if again.Video != lately[2].Video || again.Claim <= lately[2].Claim {
			s.Errorf("claimed %v, want what was granted lately (%v) and neither runs (%v) nor waits in a worker (%v), and not %v", again, lately[2], running.Video, held, long)
		}
		s.wantNoBegin(store.Create, lately[2])
		s.beginOne(store.Create, again)
	}},
	{"no more than asked for, the longest due first", func(s *scene) {
		s.createMany(3)
		runs := s.begin(store.Create, s.admit(3)...)
		for i, r := range runs {
			s.end(store.Accepted(r, heygenID(r.Video), time.Duration(3-i)*time.Minute))
		}
		s.advance(time.Hour)
		for i := range 3 {
			claims, err := s.db.Claim(s.ctx, store.Poll, 1)
			s.must(err)
			if len(claims) != 1 || claims[0].Video != runs[2-i].Video {
				s.Fatalf("claim %d: %v, want %s", i, claims, runs[2-i].Video)
			}
		}
	}},
	{"of many dispatchers, one gets each video", func(s *scene) {
		const videos = 40
		s.createMany(videos)
		for _, r := range s.begin(store.Create, s.admit(videos)...) {
			s.end(store.Accepted(r, heygenID(r.Video), 0))
		}
		var mu sync.Mutex
		var all []store.Claim
		var g errgroup.Group
		for range 8 {
			g.Go(func() error {
				for range 8 {
					claims, err := s.db.Claim(s.ctx, store.Poll, 7)
					if err != nil {
						return err
					}
					if len(claims) > 7 {
						s.Errorf("%d were claimed, want at most 7", len(claims))
					}
					mu.Lock()
					all = append(all, claims...)
					mu.Unlock()
				}
				return nil
			})
		}
		s.must(g.Wait())
		// A row that another dispatcher looks at is skipped, so a few may be left.
		all = append(all, s.claim(store.Poll)...)
		ids := store.IDs(all)
		slices.SortFunc(ids, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
		if len(ids) != videos || len(slices.Compact(ids)) != videos {
			s.Errorf("%d claims of %d videos, want one each", len(all), videos)
		}
	}},
	{"what could not be enqueued is due in a second", func(s *scene) {
		claim := s.admitted()
		s.must(s.db.Unclaim(s.ctx, []store.Claim{claim}))
		s.advance(time.Second)
		again := s.claimOne(store.Create)
		s.wantNoBegin(store.Create, claim)
		s.must(s.db.Unclaim(s.ctx, []store.Claim{claim})) // stale: changes nothing
		s.advance(time.Second)
		s.wantNothingDue()
		s.beginOne(store.Create, again)
		s.must(s.db.Unclaim(s.ctx, []store.Claim{again})) // begun: changes nothing
		s.advance(time.Second)
		s.wantNothingDue()
	}},
	{"what waits inside a worker is not sent again", func(s *scene) {
		claim := s.admitted()
		s.advance(store.DefaultTiming.Redispatch - margin)
		for range 10 {
			held, err := s.db.Hold(s.ctx, []store.Claim{claim})
			s.must(err)
			if len(held) != 1 || held[0] != claim {
				s.Fatalf("held %v, want %v", held, claim)
			}
			s.advance(store.DefaultTiming.Lease - margin)
			s.wantNothingDue()
		}
		s.beginOne(store.Create, claim)
	}},
	{"what was begun, or is out of date, is not held", func(s *scene) {
		claim := s.admitted()
		s.advance(store.DefaultTiming.Redispatch)
		again := s.claimOne(store.Create)
		s.beginOne(store.Create, again)
		held, err := s.db.Hold(s.ctx, []store.Claim{claim, again})
		s.must(err)
		if len(held) > 0 {
			s.Errorf("held %v, want nothing", held)
		}
	}},
	{"a worker that holds and dies gives the video back", func(s *scene) {
		claim := s.admitted()
		_, err := s.db.Hold(s.ctx, []store.Claim{claim})
		s.must(err)
		s.advance(store.DefaultTiming.Lease + margin)
		s.beginOne(store.Create, s.claimOne(store.Create))
	}},
}
