package storetest

import (
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"heyq/store"
)

var operator = store.Actor{Who: "operator ada", RequestID: "r-1"}

func (s *scene) requeue(kind store.JobKind, way store.Way, ids ...uuid.UUID) []uuid.UUID {
	s.Helper()
	picks := make([]store.Pick, len(ids))
	for i, id := range ids {
		picks[i] = store.Pick{ID: id, Way: way}
	}
	done, err := s.db.Requeue(s.ctx, kind, picks, operator)
	s.must(err)
	return done
}

func (s *scene) wantRequeued(kind store.JobKind, way store.Way, id uuid.UUID) {
	s.Helper()
	if done := s.requeue(kind, way, id); !slices.Equal(done, []uuid.UUID{id}) {
		s.Fatalf("queued again: %v, want %s", done, id)
	}
}

func (s *scene) wantNotRequeued(kind store.JobKind, id uuid.UUID) {
	s.Helper()
	for _, way := range []store.Way{store.WayResume, store.WayFirst, store.WayRender, store.WayReview, store.WayAgain, ""} {
		if done := s.requeue(kind, way, id); len(done) > 0 {
			s.Errorf("queued again by way of %q: %v", way, done)
		}
	}
}

func (s *scene) wantActions(job string, want ...store.Action) {
	s.Helper()
	got, err := s.db.Actions(s.ctx, job, 10)
	s.must(err)
	for i := range got {
		if since := time.Since(got[i].At).Abs(); since > 48*time.Hour || // some histories take a day
			got[i].At.Location() != time.UTC {
			s.Errorf("done at %v, want now, in UTC", got[i].At)
		}
		got[i].At = time.Time{}
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		s.Errorf("actions (-want +got):\n%s", diff)
	}
}

func requeuedAs(job string, video uuid.UUID, outcome string) store.Action {
	return store.Action{By: operator, Verb: store.RequeueJob, Job: job, Video: video, Outcome: outcome}
}

// failures are the ways to fail, and how each goes on.
var failures = []struct {
	name string
	fail func(*scene) uuid.UUID
	code string
	step store.Step
	way  store.Way
}{
	{"a refused create", func(s *scene) uuid.UUID {
		r := s.sending()
		s.end(refuse(r))
		return r.Video
	}, refusal.Code, store.Create, store.WayFirst},
	{"a render that is not done in time", func(s *scene) uuid.UUID { return s.pollingFailed().Video }, "render_timeout", store.Poll, store.WayResume},
	{"a download that was given up", func(s *scene) uuid.UUID {
		r := s.downloading()
		s.end(giveUp(r))
		return r.Video
	}, gaveUp.Code, gaveUp.Step, store.WayResume},
	{"a dead render", func(s *scene) uuid.UUID {
		r := s.polling()
		s.end(renderFailed(r))
		return r.Video
	}, dead.Code, store.Poll, store.WayRender},
	{"a create that nobody can tell the outcome of", func(s *scene) uuid.UUID {
		r := s.lookingExpired()
		s.end(notFound(r))
		return r.Video
	}, store.NeedsReview, store.Create, store.WayReview},
	{"a create that a person gave up", func(s *scene) uuid.UUID {
		r := s.lookingExpired()
		s.end(notFound(r))
		_, err := s.db.Resolve(s.ctx, store.Everyone(), r.Video, store.Resolution{Verdict: store.GiveUp})
		s.must(err)
		return r.Video
	}, store.GivenUp, store.Create, store.WayReview},
}

var requeueTests = append(requeueFailures(), []test{
	{"cancelled in line, it goes back into it", func(s *scene) {
		claim := s.admitted()
		s.cancel(claim.Video)
		s.wantRequeued(store.VideoJob, store.WayFirst, claim.Video)
		s.wantNoBegin(store.Create, claim)
		s.wantNewSubmission(claim.Video)
	}},
	{"what has not failed stays as it is", func(s *scene) {
		id := s.create()
		s.wantNotRequeued(store.VideoJob, id)
		claims := s.admit(1)
		r := s.beginOne(store.Create, claims[0])
		s.wantNotRequeued(store.VideoJob, id)
		s.end(store.Accepted(r, "hg-1", 0))
		s.wantNotRequeued(store.VideoJob, id)
		ended := s.end(store.Rendered(s.again(store.Poll)))
		s.wantNotRequeued(store.VideoJob, id)
		s.end(store.Downloaded(s.beginOne(store.Download, *ended.Next), prefix, file))
		s.wantNotRequeued(store.VideoJob, id)
		s.wantNotRequeued(store.AnalysisJob, id)
		s.wantNotRequeued(store.VideoJob, uuid.New())
		s.wantActions("")
	}},
	{"those who ask at once have each video once", func(s *scene) {
		var picks []store.Pick
		for range 40 {
			id := s.create()
			s.cancel(id)
			picks = append(picks, store.Pick{ID: id, Way: store.WayFirst})
		}
		done := make([]int, 4)
		var all errgroup.Group
		for i := range done {
			all.Go(func() error {
				list, err := s.db.Requeue(s.ctx, store.VideoJob, picks, operator)
				done[i] = len(list)
				return err
			})
		}
		s.must(all.Wait())
		if n := done[0] + done[1] + done[2] + done[3]; n != len(picks) {
			s.Errorf("%v were queued again, want %d in all", done, len(picks))
		}
		for _, p := range picks {
			if v := s.video(p.ID); v.Submission != 2 {
				s.Errorf("submission %d, want 2", v.Submission)
			}
		}
	}},
	{"an analysis that was given up is due again, with all of its attempts", func(s *scene) {
		id := s.completed()
		s.claimAnalysis(id)
		s.wantNotRequeued(store.AnalysisJob, id)
		s.must(s.db.FailAnalyses(s.ctx, []uuid.UUID{id}, 0, 1))
		s.wantNoAnalysis()
		s.wantRequeued(store.AnalysisJob, store.WayAgain, id)
		s.claimAnalysis(id)
		s.must(s.db.FailAnalyses(s.ctx, []uuid.UUID{id}, 0, 2))
		s.claimAnalysis(id)
		s.wantNotRequeued(store.AnalysisJob, id)
		s.wantActions(store.AnalysisJob.ID(id), requeuedAs(store.AnalysisJob.ID(id), id, "queued"))
	}},
	{"an analysis that was saved in the end is not failed any more", func(s *scene) {
		id := s.completed()
		s.claimAnalysis(id)
		s.must(s.db.FailAnalyses(s.ctx, []uuid.UUID{id}, 0, 1))
		s.save(analysis(id, "ada", "", monday))
		s.wantNotRequeued(store.AnalysisJob, id)
	}},
	{"a notification that was given up is delivered again", func(s *scene) {
		id := s.notified()
		s.wantNotRequeued(store.NotificationJob, id)
		stale := s.deliver()
		s.mustEndDelivery(store.Undeliverable(stale, bad))
		s.wantRequeued(store.NotificationJob, store.WayAgain, id)
		d := s.deliver()
		if d.ID != id || d.Attempt != 0 {
			s.Errorf("delivers %s, attempt %d; want %s, 0", d.ID, d.Attempt, id)
		}
		s.mustEndDelivery(store.Delivered(d, ok))
		s.wantNotRequeued(store.NotificationJob, id)
		s.wantActions(store.NotificationJob.ID(id), requeuedAs(store.NotificationJob.ID(id), d.VideoID, "due again"))
	}},
	{"nothing is no statement", func(s *scene) {
		if done := s.requeue(store.VideoJob, store.WayResume); len(done) > 0 {
			s.Errorf("queued again: %v", done)
		}
		if _, err := s.db.Requeue(s.ctx, "song", []store.Pick{{ID: uuid.New(), Way: store.WayResume}}, operator); err == nil {
			s.Error("a kind that does not exist was taken")
		}
	}},
}...)

// requeueFailures compares, for each way to fail, a requeue with what Retry does:
// the very same.
func requeueFailures() (tests []test) {
	for _, f := range failures {
		tests = append(tests, test{f.name + " goes on as a retry does", func(s *scene) {
			id := f.fail(s)
			for _, other := range []store.Way{store.WayResume, store.WayFirst, store.WayRender, store.WayReview, store.WayAgain} {
				if done := s.requeue(store.VideoJob, other, id); other != f.way && len(done) > 0 {
					s.Fatalf("queued again by way of %s, and it goes on by %s", other, f.way)
				} else if other == f.way {
					break
				}
			}
			v := s.video(id)
			if f.way != store.WayResume {
				if v.State != store.Queued || v.Submission != 2 || v.HeyGenID != "" || v.MayBeBilled {
					s.Errorf("requeued as %+v, want queued as submission 2", v)
				}
				s.wantNewSubmission(id)
				s.wantActions(id.String(), requeuedAs(id.String(), id, "queued as submission 2"))
				return
			}
			if v.State != store.Rendering || v.Submission != 1 || v.HeyGenID != heygenID(id) || v.Failure != nil {
				s.Errorf("requeued as %+v, want the same render", v)
			}
			if r := s.again(store.Poll); r.State != store.Rendering || r.PastDeadline || r.Attempt != 0 {
				s.Errorf("begun as %+v, want a render with a new deadline", r)
			}
			s.wantActions(id.String(), requeuedAs(id.String(), id, "resumed"))
		}})
	}
	return tests
}
