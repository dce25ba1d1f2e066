package storetest

import (
	"strings"

	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/store"
)

// underReview is a video whose create has an unknown outcome.
func (s *scene) underReview() uuid.UUID {
	s.Helper()
	r := s.lookingExpired()
	s.end(notFound(r))
	return r.Video
}

func (s *scene) resolve(id uuid.UUID, r store.Resolution) store.Video {
	s.Helper()
	v, err := s.db.Resolve(s.ctx, store.Everyone(), id, r)
	s.must(err)
	return v
}

func (s *scene) wantNoResolve(id uuid.UUID, r store.Resolution) {
	s.Helper()
	before := s.video(id)
	_, err := s.db.Resolve(s.ctx, store.Everyone(), id, r)
	s.wantFault(err, fault.Conflict)
	if after := s.video(id); after.State != before.State || len(after.Timeline) != len(before.Timeline) {
		s.Errorf("a refused resolution left %+v of %+v", after, before)
	}
}

func adopt(heygenID string) store.Resolution {
	return store.Resolution{Verdict: store.Adopt, HeyGenID: heygenID}
}

// doubted is a video whose file is not as promised.
func (s *scene) doubted() uuid.UUID {
	s.Helper()
	r := s.downloading()
	s.end(doubt(r))
	return r.Video
}

var (
	acceptIt   = store.Resolution{Verdict: store.Accept}
	rejectIt   = store.Resolution{Verdict: store.Reject}
	resubmitIt = store.Resolution{Verdict: store.Resubmit}
	giveItUp   = store.Resolution{Verdict: store.GiveUp}
)

var resolveTests = []test{
	{"an adopted render is watched and fetched, and holds a slot", func(s *scene) {
		id := s.underReview()
		v := s.resolve(id, adopt("hg-found"))
		if v.State != store.Rendering || v.HeyGenID != "hg-found" || v.Submission != 1 || v.Failure != nil {
			s.Errorf("adopted as %+v, want rendering hg-found as submission 1", v)
		}
		s.wantFree(1, 0)
		r := s.again(store.Poll)
		if r.HeyGenID != "hg-found" || !r.Slot || r.PastDeadline || r.RenderingFor < 0 {
			s.Errorf("begun as %+v, want the adopted render with a new deadline", r)
		}
		ended := s.end(store.Rendered(r))
		s.wantFree(1, 1)
		s.end(store.Downloaded(s.beginOne(store.Download, *ended.Next), prefix, file))
		s.wantState(id, store.Completed)
		s.wantHistory(id, store.Queued, store.Submitting, store.Failed, store.Rendering, store.Downloading, store.Completed)
	}},
	{"a render is adopted once", func(s *scene) {
		mine, other := s.underReview(), s.underReview()
		s.resolve(mine, adopt("hg-found"))
		s.wantNoResolve(other, adopt("hg-found"))
		s.resolve(other, adopt("hg-other"))
	}},
	{"an ended video's render is not adopted either", func(s *scene) {
		done := s.downloading()
		s.end(store.Downloaded(done, prefix, file))
		s.wantNoResolve(s.underReview(), adopt(heygenID(done.Video)))
	}},
	{"a resubmission is a new submission, under a new key", func(s *scene) {
		id := s.underReview()
		v := s.resolve(id, resubmitIt)
		if v.State != store.Queued || v.Submission != 2 || v.MayBeBilled {
			s.Errorf("resubmitted as %+v, want queued as submission 2", v)
		}
		s.wantNewSubmission(id)
	}},
	{"what is given up stays failed, and says what it was", func(s *scene) {
		id := s.underReview()
		v := s.resolve(id, giveItUp)
		if v.State != store.Failed || v.Failure.Code != store.GivenUp || !strings.Contains(v.Failure.Message, "title token") || !v.MayBeBilled {
			s.Errorf("given up as %+v (%+v)", v, v.Failure)
		}
		s.wantNothingDue()
		s.wantNoResolve(id, giveItUp)
		s.wantNoRetry(id, false) // it may have been billed all the same
		s.retry(id, true)
	}},
	{"a file in doubt is kept, and holds nothing up", func(s *scene) {
		id := s.doubted()
		v := s.video(id)
		if !v.InReview() || v.Failure.Step != store.Download || v.MediaPrefix != prefix || v.File == nil || *v.File != file || !v.CompletedAt.IsZero() {
			s.Errorf("doubted as %+v (%+v), want a review of the kept file", v, v.Failure)
		}
		s.wantFree(1, 1)
		s.wantNothingDue()
		s.wantNoAnalysis()
		if kept, err := s.db.MediaPrefixes(s.ctx, []uuid.UUID{id}); err != nil || kept[id] != prefix {
			s.Errorf("a sweep is told %v, %v", kept, err)
		}
	}},
	{"a file that is accepted completes its video", func(s *scene) {
		id := s.create(notify)
		r := s.beginOne(store.Create, s.admit(1)[0])
		s.end(store.Accepted(r, heygenID(id), 0))
		ended := s.end(store.Rendered(s.again(store.Poll)))
		s.end(doubt(s.beginOne(store.Download, *ended.Next)))
		s.wantEvents(id, "video.failed")
		v := s.resolve(id, acceptIt)
		if v.State != store.Completed || v.Failure != nil || v.MediaPrefix != prefix || v.File == nil || *v.File != file || v.CompletedAt.IsZero() {
			s.Errorf("accepted as %+v (%+v), want completed with the kept file", v, v.Failure)
		}
		s.wantNothingDue()
		s.claimAnalysis(id)
		s.wantEvents(id, "video.failed", "video.completed")
		s.wantHistory(id, store.Queued, store.Submitting, store.Rendering, store.Downloading, store.Failed, store.Completed)
		s.wantNoResolve(id, rejectIt)
	}},
	{"a file that is rejected is nobody's, and another render is paid", func(s *scene) {
		id := s.doubted()
		v := s.resolve(id, rejectIt)
		if v.State != store.Failed || v.Failure.Code != store.Rejected || !strings.Contains(v.Failure.Message, "sound track") || v.Resumable || v.MediaPrefix != "" || v.File != nil {
			s.Errorf("rejected as %+v (%+v)", v, v.Failure)
		}
		s.wantNothingDue()
		s.wantNoAnalysis()
		s.wantNoResolve(id, acceptIt)
		s.wantNoRetry(id, false)
		s.retry(id, true)
		s.wantNewSubmission(id)
	}},
	{"a file in doubt is fetched again by a retry, which pays nothing", func(s *scene) {
		id := s.doubted()
		s.retry(id, false)
		ended := s.end(store.Rendered(s.again(store.Poll)))
		s.end(store.Downloaded(s.beginOne(store.Download, *ended.Next), "videos/1/2/", file))
		if v := s.video(id); v.State != store.Completed || v.Submission != 1 || v.MediaPrefix != "videos/1/2/" {
			s.Errorf("fetched again as %+v", v)
		}
	}},
	{"a verdict fits its review", func(s *scene) {
		film, create := s.doubted(), s.underReview()
		for _, r := range []store.Resolution{adopt("hg-1"), resubmitIt, giveItUp} {
			s.wantNoResolve(film, r)
		}
		s.wantNoResolve(create, acceptIt)
		s.wantNoResolve(create, rejectIt)
	}},
	{"only a review can be resolved", func(s *scene) {
		queued := s.create()
		s.wantNoResolve(queued, giveItUp)
		s.cancel(queued)
		s.wantNoResolve(queued, resubmitIt)
		r := s.sending()
		s.wantNoResolve(r.Video, adopt("hg-1"))
		s.end(refuse(r))
		s.wantNoResolve(r.Video, adopt("hg-1"))
		_, err := s.db.Resolve(s.ctx, store.Everyone(), uuid.Must(uuid.NewV7()), giveItUp)
		s.wantFault(err, fault.NotFound)
	}},
	{"a review is resolved once", func(s *scene) {
		id := s.underReview()
		s.resolve(id, resubmitIt)
		s.wantNoResolve(id, adopt("hg-late"))
	}},
}
