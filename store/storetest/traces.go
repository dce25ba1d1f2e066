package storetest

import (
	"context"
	"fmt"
	"time"

	"heyq/store"
)

// traceTests are the twelve histories at the end of the protocol, as far as the
// store has a part in them.
var traceTests = []test{
	{"1: a lost answer, then a 429 at the door", func(s *scene) { s.refusedResend(throttle) }},
	{"1: a lost answer, then a 402 at the door", func(s *scene) { s.refusedResend(stopAll) }},
	{"2: a refused key is not sent again", func(s *scene) {
		r := s.sending()
		for refusals := range 3 {
			if r.Refusals != refusals || !r.First {
				s.Fatalf("begun as %+v, want the first send of key .r%d", r, refusals)
			}
			s.end(throttle(r))
			s.advance(time.Minute)
			r = s.beginOne(store.Create, s.admit(slots)[0])
		}
		s.end(refuse(r))
		s.retry(r.Video, false)
		s.wantNewSubmission(r.Video)
	}},
	{"3: who wakes a day later owns nothing, and its key is not sent", func(s *scene) {
		asleep := s.sending()
		s.advance(store.DefaultTiming.Lease + margin)
		s.end(store.Unclear(s.again(store.Create), 0))
		s.advance(store.DefaultTiming.KeyLifetime)
		if r := s.again(store.Create); !r.Search || !r.KeyExpired || !r.Settled {
			s.Errorf("begun as %+v, want a look", r)
		}
		if renewed, err := s.db.Renew(s.ctx, []store.Fence{asleep.Fence}); err != nil || len(renewed) > 0 {
			s.Errorf("the sleeper was renewed: %v, %v", renewed, err)
		}
		s.wantFenced(accept(asleep))
	}},
	{"4: a cancel while submitting waits for the answer", func(s *scene) {
		r := s.sending()
		s.cancel(r.Video)
		s.wantState(r.Video, store.Submitting)
		s.wantFree(1, 0)
		s.end(accept(r))
		s.wantState(r.Video, store.Cancelled)
		s.wantFree(1, 0)
		if p := s.again(store.Poll); p.HeyGenID != heygenID(r.Video) {
			s.Errorf("polled as %+v, want the render that was paid for", p)
		}
	}},
	{"5: a timeout frees our interest, not HeyGen's slot", func(s *scene) {
		r := s.pollingFailed()
		s.wantFree(1, 0)
		s.end(still(r))
		s.wantFree(1, 0)
	}},
	{"5: a cancel frees our interest, not HeyGen's slot", func(s *scene) {
		r := s.pollingCancelled()
		s.wantFree(1, 0)
		s.end(store.RenderFailed(r, dead))
		s.wantFree(1, 1)
	}},
	{"6: a retry of a living render resumes it", func(s *scene) {
		r := s.pollingFailed()
		if v := s.retry(r.Video, true); v.Submission != 1 || v.State != store.Rendering {
			s.Errorf("retried as %+v, want the same render", v)
		}
		s.cancel(r.Video)
		if v := s.retry(r.Video, true); v.Submission != 1 || v.State != store.Rendering {
			s.Errorf("retried as %+v, want the same render", v)
		}
	}},
	{"7: not found is proof only long after the last send", func(s *scene) {
		grace := store.DefaultTiming.Grace
		first := s.sending()
		s.advance(grace - time.Minute)
		s.end(store.Unreachable(s.again(store.Create), 0)) // a second send: grace begins again
		s.advance(2 * time.Minute)
		r := s.again(store.Create)
		if !r.Search || r.Settled {
			s.Fatalf("begun as %+v, want a look that proves nothing", r)
		}
		s.end(store.NotFoundYet(r, grace-2*time.Minute-margin))
		s.advance(grace - 2*time.Minute - margin)
		r = s.again(store.Create) // stalls past grace: it was judged before it searched
		s.advance(2 * margin)
		if !r.Search || r.Settled {
			s.Fatalf("begun as %+v, want a look that proves nothing", r)
		}
		s.end(store.NotFoundYet(r, 0))
		if r = s.again(store.Create); !r.Settled {
			s.Fatalf("begun as %+v, want a look that is proof", r)
		}
		s.end(notFound(r))
		s.wantState(first.Video, store.Failed)
	}},
	{"8: a duplicate delivery does not steal from a live runner", func(s *scene) {
		claim := s.admitted()
		r := s.beginOne(store.Create, claim)
		s.wantNoBegin(store.Create, claim)
		s.hint(r.Video)
		s.advance(store.DefaultTiming.Lease - margin)
		s.wantNothingDue()
		s.end(accept(r))
		s.wantState(r.Video, store.Rendering)
	}},
	{"9: the epoch and the rows change together, or not at all", func(s *scene) {
		s.wantSync("before", true)
		s.admitted()
		ctx, cancel := context.WithCancel(s.ctx)
		cancel()
		if _, err := s.db.SyncRedis(ctx, "wiped", false); err == nil {
			s.Fatal("SyncRedis did not see that its caller is gone")
		}
		s.wantNothingDue()
		s.wantSync("wiped", true)
		s.claimOne(store.Create)
		s.wantSync("wiped again", true)
		s.claimOne(store.Create)
	}},
	{"10: a zombie cannot publish an older submission over a newer one", func(s *scene) {
		zombie := s.downloading()
		s.advance(store.DefaultTiming.Lease + margin)
		s.end(giveUp(s.again(store.Download)))
		s.retry(zombie.Video, false)
		ended := s.end(store.Rendered(s.again(store.Poll)))
		r := s.beginOne(store.Download, *ended.Next)
		where := func(r store.Run) string { return fmt.Sprintf("videos/%s/%d/", r.Video, r.Fence.Run) }
		s.end(store.Downloaded(r, where(r), file))
		s.wantFenced(store.Downloaded(zombie, where(zombie), file))
		if got := s.video(r.Video).MediaPrefix; got != where(r) || got == where(zombie) {
			s.Errorf("the video points to %s, want %s", got, where(r))
		}
	}},
	{"11: a row that kills its process comes to an end", func(s *scene) {
		id := s.rendering()
		for i := 0; s.video(id).State == store.Rendering; i++ {
			if i > store.MostLapses {
				s.Fatal("the row still kills its process")
			}
			s.begin(store.Poll, s.claim(store.Poll)...)
			s.advance(store.DefaultTiming.Lease + margin)
		}
		s.wantState(id, store.Failed)
	}},
	{"12: a webhook fences no create away, and is not forgotten", func(s *scene) {
		r := s.sending()
		s.hint(r.Video)
		s.wantNothingDue()
		s.end(accept(r))
		s.again(store.Poll)
	}},
	{"12: a webhook during a poll is not lost", func(s *scene) {
		r := s.polling()
		s.hint(r.Video)
		s.wantNothingDue()
		s.end(still(r))
		s.end(still(s.again(store.Poll)))
		s.wantNothingDue() // and it is not remembered twice
	}},
}

// refusedResend sends, loses the answer, and is refused at the second try. What
// HeyGen accepted the first time must keep its slot and must be found.
func (s *scene) refusedResend(refuse func(store.Run) store.End) {
	s.Helper()
	r := s.resending()
	s.end(refuse(r))
	s.wantState(r.Video, store.Submitting)
	_, err := s.db.ResumeAdmission(s.ctx)
	s.must(err)
	s.wantFree(1, 0)
	s.cancel(r.Video)
	s.wantState(r.Video, store.Submitting)
	s.advance(time.Minute)
	s.end(accept(s.again(store.Create)))
	s.wantState(r.Video, store.Cancelled)
	s.wantFree(1, 0)
}
