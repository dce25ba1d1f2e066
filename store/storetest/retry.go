package storetest

import (
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/store"
)

func (s *scene) retry(id uuid.UUID, newRender bool) store.Video {
	s.Helper()
	v, err := s.db.Retry(s.ctx, store.Everyone(), id, store.Retry{NewRender: newRender})
	s.must(err)
	if v.Failure != nil {
		s.Errorf("the retried video still says why it failed: %+v", v.Failure)
	}
	return v
}

func (s *scene) wantNoRetry(id uuid.UUID, newRender bool) {
	s.Helper()
	_, err := s.db.Retry(s.ctx, store.Everyone(), id, store.Retry{NewRender: newRender})
	s.wantFault(err, fault.Conflict)
}

func (s *scene) wantHistory(id uuid.UUID, want ...store.State) {
	s.Helper()
	var got []store.State
	for _, e := range s.video(id).Timeline {
		got = append(got, e.State)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		s.Errorf("history (-want +got):\n%s", diff)
	}
}

// wantNewSubmission sends the one queued video for the second time, as fresh as new.
func (s *scene) wantNewSubmission(id uuid.UUID) store.Run {
	s.Helper()
	claims := s.admit(slots)
	if len(claims) != 1 || claims[0].Video != id {
		s.Fatalf("admitted %v, want %s", claims, id)
	}
	r := s.beginOne(store.Create, claims[0])
	if r.Submission != 2 || !r.First || r.Search || r.Refusals != 0 || r.Attempt != 0 || r.CancelRequested || r.Refusal != nil {
		s.Fatalf("begun as %+v, want the first send of submission 2", r)
	}
	return r
}

var retryTests = []test{
	{"a refused create is sent anew, and pays nothing twice", func(s *scene) {
		r := s.sending()
		s.end(refuse(r))
		v := s.retry(r.Video, false)
		if v.State != store.Queued || v.Submission != 2 || v.MayBeBilled || v.HeyGenID != "" {
			s.Errorf("retried as %+v, want queued as submission 2", v)
		}
		s.wantNewSubmission(r.Video)
		s.wantHistory(r.Video, store.Queued, store.Submitting, store.Failed, store.Queued, store.Submitting)
	}},
	{"a video cancelled in line goes back into it", func(s *scene) {
		claim := s.admitted()
		s.cancel(claim.Video)
		s.retry(claim.Video, false)
		s.wantNoBegin(store.Create, claim)
		s.wantNewSubmission(claim.Video)
	}},
	{"a timed-out render is resumed", func(s *scene) {
		watching := s.pollingFailed()
		v := s.retry(watching.Video, true)
		if v.State != store.Rendering || v.Submission != 1 || v.HeyGenID != heygenID(v.ID) {
			s.Errorf("retried as %+v, want the same render", v)
		}
		s.wantFenced(store.Rendered(watching))
		s.wantFree(1, 0)
		r := s.again(store.Poll)
		if r.State != store.Rendering || r.PastDeadline {
			s.Errorf("begun as %+v, want a render with a new deadline", r)
		}
		s.end(store.Rendered(r))
	}},
	{"a cancelled render is resumed", func(s *scene) {
		id := s.rendering()
		s.cancel(id)
		s.retry(id, false)
		s.end(store.StillRendering(s.again(store.Poll), 0))
		s.wantState(id, store.Rendering)
		s.end(store.Rendered(s.again(store.Poll)))
		s.wantState(id, store.Downloading)
	}},
	{"a cancel that came during the create does not outlive a retry", func(s *scene) {
		r := s.sending()
		s.cancel(r.Video)
		s.end(accept(r))
		s.retry(r.Video, false)
		s.wantState(r.Video, store.Rendering)
		s.end(store.Rendered(s.again(store.Poll)))
		s.wantState(r.Video, store.Downloading)
	}},
	{"a download that was given up is fetched again, without a slot", func(s *scene) {
		r := s.downloading()
		s.end(giveUp(r))
		s.retry(r.Video, false)
		s.wantFree(1, 1)
		p := s.again(store.Poll)
		if p.Slot || p.State != store.Rendering {
			s.Errorf("begun as %+v, want a render without a slot", p)
		}
		s.end(still(p))
		s.advance(time.Minute)
		ended := s.end(store.Rendered(s.again(store.Poll)))
		s.end(store.Downloaded(s.beginOne(store.Download, *ended.Next), prefix, file))
		s.wantState(r.Video, store.Completed)
	}},
	{"a resumed render without a slot that times out is watched without one", func(s *scene) {
		r := s.downloading()
		s.end(giveUp(r))
		s.retry(r.Video, false)
		s.end(timedOut(s.again(store.Poll)))
		s.wantState(r.Video, store.Failed)
		s.wantFree(1, 1)
		s.advance(1000 * time.Hour)
		s.end(store.WrittenOff(s.again(store.Poll)))
		s.advance(1000 * time.Hour)
		s.wantNothingDue()
	}},
	{"a render that was missing is paid for again only if asked for, and watched no longer", func(s *scene) {
		r := s.polling()
		s.end(missing(r))
		s.wantNoRetry(r.Video, false)
		s.retry(r.Video, true)
		next := s.wantNewSubmission(r.Video)
		s.end(store.Accepted(next, "hg-second", 0))
		if again := s.again(store.Poll); again.HeyGenID != "hg-second" || again.Doubts != 0 || again.DoubtedFor != 0 {
			s.Errorf("begun as %+v, want the second render, without a doubt", again)
		}
	}},
	{"a dead render is paid for again only if asked for", func(s *scene) {
		r := s.polling()
		s.end(renderFailed(r))
		s.wantNoRetry(r.Video, false)
		s.wantState(r.Video, store.Failed)
		v := s.retry(r.Video, true)
		if v.Submission != 2 || v.HeyGenID != "" || v.MayBeBilled || v.Resumable {
			s.Errorf("retried as %+v, want a new submission", v)
		}
		next := s.wantNewSubmission(r.Video)
		s.end(store.Accepted(next, "hg-second", 0))
		if again := s.again(store.Poll); again.HeyGenID != "hg-second" || again.PastDeadline {
			s.Errorf("begun as %+v, want the second render", again)
		}
	}},
	{"what needs a review is paid for again only if asked for", func(s *scene) {
		r := s.lookingExpired()
		s.end(notFound(r))
		s.wantNoRetry(r.Video, false)
		s.retry(r.Video, true)
		s.wantNewSubmission(r.Video)
	}},
	{"what has not ended cannot be retried", func(s *scene) {
		id := s.create()
		s.wantNoRetry(id, true)
		claims := s.admit(1)
		s.wantNoRetry(id, true)
		r := s.beginOne(store.Create, claims[0])
		s.wantNoRetry(id, true)
		s.end(store.Accepted(r, "hg-1", 0))
		s.wantNoRetry(id, true)
		ended := s.end(store.Rendered(s.again(store.Poll)))
		s.wantNoRetry(id, true)
		s.end(store.Downloaded(s.beginOne(store.Download, *ended.Next), prefix, file))
		s.wantNoRetry(id, true)
	}},
	{"a second retry is refused", func(s *scene) {
		id := s.create()
		s.cancel(id)
		s.retry(id, false)
		s.wantNoRetry(id, false)
		s.wantNewSubmission(id)
	}},
}
