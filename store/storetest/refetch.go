package storetest

import (
	"time"

	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/store"
)

func (s *scene) refetch(id uuid.UUID) store.Video {
	s.Helper()
	v, err := s.db.Refetch(s.ctx, store.Everyone(), id, prefix)
	s.must(err)
	return v
}

func (s *scene) wantNoRefetch(id uuid.UUID, prefix string, code fault.Code) {
	s.Helper()
	before := s.video(id)
	_, err := s.db.Refetch(s.ctx, store.Everyone(), id, prefix)
	s.wantFault(err, code)
	if now := s.video(id); now.State != before.State || len(now.Timeline) != len(before.Timeline) {
		s.Errorf("a refused refetch changed %+v to %+v", before, now)
	}
}

// completedAndTold is a video at its end whose receiver is told of it.
func (s *scene) completedAndTold() uuid.UUID {
	s.Helper()
	id := s.create(notify)
	s.end(store.Accepted(s.beginOne(store.Create, s.admit(1)[0]), heygenID(id), 0))
	next := s.end(store.Rendered(s.again(store.Poll))).Next
	s.end(store.Downloaded(s.beginOne(store.Download, *next), prefix, file))
	return id
}

const otherPrefix = "videos/1/2/"

var refetchTests = []test{
	{"a lost file is fetched again, for nothing and without a slot", func(s *scene) {
		id := s.completed()
		before := s.video(id)
		v := s.refetch(id)
		if v.State != store.Downloading || v.Submission != 1 || v.HeyGenID != before.HeyGenID || v.MediaPrefix != prefix || v.File == nil {
			s.Errorf("it is fetched again as %+v", v)
		}
		s.wantFree(1, 1)
		r := s.again(store.Download)
		if r.MediaPrefix != prefix || r.File == nil || *r.File != *before.File {
			s.Errorf("begun as %+v, without what the file was", r)
		}
		s.advance(time.Second)
		s.end(store.Downloaded(r, otherPrefix, file))
		now := s.video(id)
		if now.State != store.Completed || now.MediaPrefix != otherPrefix || !now.CompletedAt.Equal(now.Timeline[4].At) {
			s.Errorf("it completed again as %+v, before it was %+v", now, before)
		}
		s.wantHistory(id, store.Queued, store.Submitting, store.Rendering, store.Downloading, store.Completed, store.Downloading, store.Completed)
		s.wantNothingDue()
	}},
	{"what is fetched for the first time was nowhere before", func(s *scene) {
		if r := s.downloading(); r.MediaPrefix != "" || r.File != nil {
			s.Errorf("begun as %+v", r)
		}
	}},
	{"a file is measured and counted once, however often it is fetched", func(s *scene) {
		id := s.completed()
		s.claimAnalysis(id)
		s.save(analysis(id, store.DefaultUser, "", s.video(id).CompletedAt))
		s.rollup()
		s.refetch(id)
		s.end(store.Downloaded(s.again(store.Download), otherPrefix, file))
		s.wantNoAnalysis()
		s.rollup()
		s.wantSpent(0.2)
	}},
	{"a receiver is told once that it has completed", func(s *scene) {
		id := s.completedAndTold()
		s.refetch(id)
		s.end(store.Downloaded(s.again(store.Download), otherPrefix, file))
		s.wantEvents(id, "video.completed")
	}},
	{"a receiver is told that the file is lost, and that it is there again", func(s *scene) {
		id := s.completedAndTold()
		s.refetch(id)
		s.end(giveUp(s.again(store.Download)))
		s.wantEvents(id, "video.completed", "video.failed")
		s.advance(time.Second)
		s.retry(id, false)
		ended := s.end(store.Rendered(s.again(store.Poll)))
		s.end(store.Downloaded(s.beginOne(store.Download, *ended.Next), otherPrefix, file))
		s.wantEvents(id, "video.completed", "video.failed", "video.completed")
	}},
	{"a lost file that HeyGen has no copy of costs another render, which is counted", func(s *scene) {
		id := s.completed()
		s.claimAnalysis(id)
		s.save(analysis(id, store.DefaultUser, "", s.video(id).CompletedAt))
		s.rollup()
		s.refetch(id)
		s.end(renderFailed(s.again(store.Download)))
		s.wantNoRetry(id, false)
		if v := s.retry(id, true); v.Submission != 2 || !v.CompletedAt.IsZero() {
			s.Errorf("retried as %+v, want a new submission that never completed", v)
		}
		next := s.wantNewSubmission(id)
		s.end(store.Accepted(next, "hg-second", 0))
		ended := s.end(store.Rendered(s.again(store.Poll)))
		s.end(store.Downloaded(s.beginOne(store.Download, *ended.Next), otherPrefix, file))
		s.claimAnalysis(id)
		s.save(analysis(id, store.DefaultUser, "", s.video(id).CompletedAt))
		s.rollup()
		s.wantSpent(0.4)
	}},
	{"a file is fetched again by one of those that ask for it", func(s *scene) {
		id := s.completed()
		s.refetch(id)
		s.wantNoRefetch(id, prefix, fault.Conflict)
		s.end(store.Downloaded(s.again(store.Download), otherPrefix, file))
		s.wantNoRefetch(id, prefix, fault.Conflict)
	}},
	{"a stale run writes nothing beside a refetch", func(s *scene) {
		r := s.downloading()
		s.end(store.Downloaded(r, prefix, file))
		s.refetch(r.Video)
		s.wantFenced(store.Downloaded(r, prefix, file))
		s.wantState(r.Video, store.Downloading)
	}},
	{"what HeyGen has deleted is not fetched again", func(s *scene) {
		id := s.completed()
		s.must(s.db.HeyGenDeleted(s.ctx, id))
		if s.video(id).Resumable {
			s.Error("it is said to be resumable")
		}
		s.wantNoRefetch(id, prefix, fault.Conflict)
	}},
	{"what retention has removed is not fetched again", func(s *scene) {
		id := s.completed()
		s.advance(time.Hour)
		_, err := s.db.RemoveVideos(s.ctx, store.Retention{Files: time.Minute}, uuid.Nil)
		s.must(err)
		s.wantNoRefetch(id, prefix, fault.Gone)
	}},
	{"what is not completed has no file to fetch again", func(s *scene) {
		id := s.rendering()
		s.wantNoRefetch(id, "", fault.Conflict)
		s.cancel(id)
		s.wantNoRefetch(id, "", fault.Conflict)
		_, err := s.db.Refetch(s.ctx, store.Everyone(), uuid.New(), prefix)
		s.wantFault(err, fault.NotFound)
	}},
}
