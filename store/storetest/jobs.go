package storetest

import (
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/store"
)

func (s *scene) jobs(f store.JobFilter, n int) []store.Job {
	s.Helper()
	list, err := s.db.Jobs(s.ctx, f, n)
	s.must(err)
	return list
}

func (s *scene) wantJobs(f store.JobFilter, want ...uuid.UUID) {
	s.Helper()
	var got []uuid.UUID
	for _, j := range s.jobs(f, 100) {
		got = append(got, j.ID)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		s.Errorf("jobs of %+v (-want +got):\n%s", f, diff)
	}
	if f.IDs != nil || f.Open || !f.Behind.IsZero() {
		return
	}
	counts, err := s.db.CountJobs(s.ctx, f)
	s.must(err)
	n := 0
	for _, c := range counts {
		n += c.Jobs
	}
	if n != len(want) {
		s.Errorf("%d are counted of %+v, want %d", n, f, len(want))
	}
}

// failed is a new video that failed with a code.
func (s *scene) failed(code string, change ...func(*store.NewVideo)) uuid.UUID {
	s.Helper()
	id := s.create(change...)
	r := s.beginOne(store.Create, s.admit(slots)[0])
	s.end(store.Refused(r, store.Failure{Code: code, Message: "no", Step: store.Create}, 0, nil))
	return id
}

var (
	videosThat = store.JobFilter{Kind: store.VideoJob}
	openVideos = store.JobFilter{Kind: store.VideoJob, Open: true}
)

var jobTests = append(jobFailures(), []test{
	{"what failed, the last one first", func(s *scene) {
		first := s.failed("a")
		second := s.failed("b", func(v *store.NewVideo) { v.UserID = "ada" })
		s.advance(time.Hour)
		third := s.failed("a")
		s.create()
		s.wantJobs(videosThat, third, second, first)
		hourAgo := time.Now()
		if got := s.jobs(videosThat, 1)[0]; got.At.After(hourAgo) { // the store's clock is ahead
			hourAgo = got.At
		}
		hourAgo = hourAgo.Add(-30 * time.Minute)
		for _, c := range []struct {
			change func(*store.JobFilter)
			want   []uuid.UUID
		}{
			{func(f *store.JobFilter) { f.Code = "a" }, []uuid.UUID{third, first}},
			{func(f *store.JobFilter) { f.Code = "none" }, nil},
			{func(f *store.JobFilter) { f.UserID = "ada" }, []uuid.UUID{second}},
			{func(f *store.JobFilter) { f.Step = store.Create }, []uuid.UUID{third, second, first}},
			{func(f *store.JobFilter) { f.Step = store.Download }, nil},
			{func(f *store.JobFilter) { f.Since = hourAgo }, []uuid.UUID{third}},
			{func(f *store.JobFilter) { f.Before = hourAgo }, []uuid.UUID{second, first}},
			{func(f *store.JobFilter) { f.Before, f.Code = hourAgo, "a" }, []uuid.UUID{first}},
		} {
			f := videosThat
			c.change(&f)
			s.wantJobs(f, c.want...)
		}
	}},
	{"page by page", func(s *scene) {
		var want []uuid.UUID
		for range 7 {
			want = append(want, s.failed("a"))
		}
		slices.Reverse(want)
		var got []uuid.UUID
		f := videosThat
		for {
			page := s.jobs(f, 3)
			if len(page) == 0 {
				break
			}
			for _, j := range page {
				got = append(got, j.ID)
			}
			f.Behind = page[len(page)-1].Mark()
		}
		if diff := cmp.Diff(want, got); diff != "" {
			s.Errorf("pages (-want +got):\n%s", diff)
		}
	}},
	{"what is retried is failed no more, until it fails again", func(s *scene) {
		id := s.failed("a")
		s.retry(id, false)
		s.wantJobs(videosThat)
		s.end(refuse(s.beginOne(store.Create, s.admit(slots)[0])))
		f := videosThat
		f.Code = refusal.Code
		s.wantJobs(f, id)
	}},
	{"what waits, and what runs", func(s *scene) {
		r := s.polling()
		waiting := s.create()
		s.cancel(s.create())
		f := openVideos
		s.wantJobs(f, waiting, r.Video)
		f.State = store.JobRunning
		s.wantJobs(f, r.Video)
		f.Step = store.Poll
		s.wantJobs(f, r.Video)
		f.State, f.Step = store.JobWaiting, store.Create
		s.wantJobs(f, waiting)
		f.Behind = store.JobMark{At: time.Now(), ID: waiting}
		s.wantJobs(f)
		s.advance(store.DefaultTiming.Lease + margin)
		s.wantJobs(store.JobFilter{Kind: store.VideoJob, Open: true, State: store.JobWaiting}, waiting, r.Video)
	}},
	{"by id, in whatever state", func(s *scene) {
		done, gone, open := s.completed(), s.create(), s.create()
		s.cancel(gone)
		got := map[uuid.UUID]store.JobState{}
		for _, j := range s.jobs(store.JobFilter{Kind: store.VideoJob, IDs: []uuid.UUID{done, gone, open, uuid.New()}}, 10) {
			got[j.ID] = j.State
		}
		want := map[uuid.UUID]store.JobState{done: store.JobCompleted, gone: store.JobCancelled, open: store.JobWaiting}
		if diff := cmp.Diff(want, got); diff != "" {
			s.Errorf("states (-want +got):\n%s", diff)
		}
	}},
	{"scripts are counted for their price", func(s *scene) {
		s.failed("a")
		s.failed("a", func(v *store.NewVideo) { v.Request = []byte(`{"script":"Grüße!"}`) })
		s.failed("a", func(v *store.NewVideo) { v.Request = []byte(`{"template_id":"t"}`) })
		s.failed("b")
		got, err := s.db.CountJobs(s.ctx, videosThat)
		s.must(err)
		want := []store.JobCount{
			{Step: store.Create, Code: "a", Way: store.WayFirst, Jobs: 3, Script: len("Hello, Ada.") + len("Gruesse") - 1, Silent: 1},
			{Step: store.Create, Code: "b", Way: store.WayFirst, Jobs: 1, Script: len("Hello, Ada.")},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			s.Errorf("counts (-want +got):\n%s", diff)
		}
	}},
	{"analyses that were given up", func(s *scene) {
		id := s.completed()
		f := store.JobFilter{Kind: store.AnalysisJob}
		s.wantJobs(f)
		s.claimAnalysis(id)
		s.must(s.db.FailAnalyses(s.ctx, []uuid.UUID{id}, 0, 1))
		s.wantJobs(f, id)
		j := s.jobs(f, 1)[0]
		if j.Kind != store.AnalysisJob || j.Video != id || j.State != store.JobFailed || j.Way != store.WayAgain || j.Attempt != 1 ||
			j.Failure.Code != store.NotMeasured || !strings.Contains(j.Failure.Message, "1") || j.Title != "Hello" {
			s.Errorf("listed as %+v", j)
		}
		f.UserID = "nobody"
		s.wantJobs(f)
		f.UserID, f.Since = store.DefaultUser, j.At
		s.wantJobs(f, id)
		s.wantJobs(store.JobFilter{Kind: store.AnalysisJob, IDs: []uuid.UUID{id}}, id)
		f.Behind = j.Mark()
		s.wantJobs(f)
	}},
	{"notifications that were given up", func(s *scene) {
		id := s.notified()
		f := store.JobFilter{Kind: store.NotificationJob}
		s.wantJobs(f)
		d := s.deliver()
		s.mustEndDelivery(store.Undeliverable(d, bad))
		s.wantJobs(f, id)
		j := s.jobs(f, 1)[0]
		if j.Kind != store.NotificationJob || j.Video != d.VideoID || j.State != store.JobFailed || j.Way != store.WayAgain ||
			j.Failure.Code != store.NotDelivered || j.Failure.Message != bad.Error {
			s.Errorf("listed as %+v with %+v", j, j.Failure)
		}
		f.Before = j.At
		s.wantJobs(f)
		s.wantJobs(store.JobFilter{Kind: store.NotificationJob, IDs: []uuid.UUID{id}}, id)
	}},
	{"a kind that does not exist is an error", func(s *scene) {
		if _, err := s.db.Jobs(s.ctx, store.JobFilter{Kind: "song"}, 1); err == nil {
			s.Error("it was listed")
		}
		if _, err := s.db.CountJobs(s.ctx, store.JobFilter{}); err == nil {
			s.Error("it was counted")
		}
	}},
	{"a cancel is written down", func(s *scene) {
		id := s.create()
		for _, want := range [][]store.CancelledVideo{{{ID: id, Was: store.Queued}}, nil} {
			stopped, err := s.db.CancelAll(s.ctx, []uuid.UUID{id, uuid.Must(uuid.NewV7())}, operator)
			s.must(err)
			if !slices.Equal(stopped, want) {
				s.Errorf("stopped %+v, want %+v", stopped, want)
			}
		}
		s.wantActions(id.String(), store.Action{By: operator, Verb: store.CancelJob, Job: id.String(), Video: id, Outcome: "cancelled; it was queued"})
	}},
	{"a video that is deleted leaves what was done, and nothing else", func(s *scene) {
		id := s.completed()
		where, err := s.db.DeleteVideo(s.ctx, id, operator)
		s.must(err)
		if where != prefix {
			s.Errorf("its files are at %q, want %q", where, prefix)
		}
		_, err = s.db.Video(s.ctx, store.Everyone(), id)
		s.wantFault(err, fault.NotFound)
		s.wantNoAnalysis()
		_, err = s.db.DeleteVideo(s.ctx, id, operator)
		s.wantFault(err, fault.NotFound)
		s.wantActions(id.String(), store.Action{
			By: operator, Verb: store.DeleteJob, Job: id.String(), Video: id, Outcome: "deleted; it was completed, with its files under " + prefix,
		})
	}},
	{"what is open, or held at HeyGen, is not deleted", func(s *scene) {
		id := s.create()
		_, err := s.db.DeleteVideo(s.ctx, id, operator)
		s.wantFault(err, fault.Conflict)
		s.cancel(id)
		watched := s.pollingCancelled()
		_, err = s.db.DeleteVideo(s.ctx, watched.Video, operator)
		s.wantFault(err, fault.Conflict)
		s.end(renderFailed(watched))
		_, err = s.db.DeleteVideo(s.ctx, watched.Video, operator)
		s.must(err)
		s.wantVideos(1)
	}},
	{"a deleted video's key stays, or its request would render again", func(s *scene) {
		created := s.createOnce("ada", "k", "body")
		id := created.Videos[0].ID
		s.cancel(id)
		_, err := s.db.DeleteVideo(s.ctx, id, operator)
		s.must(err)
		if !s.createOnce("ada", "k", "body").Replayed {
			s.Error("the request made another video")
		}
	}},
	{"what was given up is forgotten, and nothing else", func(s *scene) {
		measured, told := s.completed(), s.notified()
		forget := func(kind store.JobKind, id uuid.UUID) []uuid.UUID {
			s.Helper()
			gone, err := s.db.DeleteFailed(s.ctx, kind, []uuid.UUID{id, uuid.New()}, operator)
			s.must(err)
			return gone
		}
		for kind, id := range map[store.JobKind]uuid.UUID{store.AnalysisJob: measured, store.NotificationJob: told} {
			if gone := forget(kind, id); len(gone) > 0 {
				s.Errorf("%s %s was forgotten before it failed", kind, id)
			}
		}
		s.claimAnalysis(measured)
		s.must(s.db.FailAnalyses(s.ctx, []uuid.UUID{measured}, 0, 1))
		d := s.deliver()
		s.mustEndDelivery(store.Undeliverable(d, bad))
		for kind, id := range map[store.JobKind]uuid.UUID{store.AnalysisJob: measured, store.NotificationJob: told} {
			if gone := forget(kind, id); !slices.Equal(gone, []uuid.UUID{id}) {
				s.Errorf("%s: %v were forgotten, want %s", kind, gone, id)
			}
			s.wantJobs(store.JobFilter{Kind: kind})
		}
		deleted := store.Action{By: operator, Verb: store.DeleteJob, Job: store.AnalysisJob.ID(measured), Video: measured, Outcome: "deleted"}
		s.wantActions(deleted.Job, deleted)
		deleted.Job, deleted.Video = store.NotificationJob.ID(told), d.VideoID
		s.wantActions(deleted.Job, deleted)
		if _, err := s.db.DeleteFailed(s.ctx, store.VideoJob, []uuid.UUID{measured}, operator); err == nil {
			s.Error("a video was forgotten without a look at its state")
		}
	}},
	{"what waits, by its age", func(s *scene) {
		first := s.create()
		s.advance(time.Hour)
		second := s.create()
		f := openVideos
		between := s.jobs(f, 1)[0].At.Add(-30 * time.Minute)
		f.Since = between
		s.wantJobs(f, second)
		f.Since, f.Before = time.Time{}, between
		s.wantJobs(f, first)
	}},
	{"what was done to jobs that are no rows, newest first", func(s *scene) {
		task := func(verb store.Verb) store.Action {
			return store.Action{By: operator, Verb: verb, Job: "task:q:1", Outcome: "done"}
		}
		s.must(s.db.RecordActions(s.ctx, []store.Action{task(store.RequeueJob), task(store.DeleteJob)}))
		s.must(s.db.RecordActions(s.ctx, nil))
		s.wantActions("task:q:1", task(store.DeleteJob), task(store.RequeueJob))
		s.wantActions("", task(store.DeleteJob), task(store.RequeueJob))
		s.wantActions("task:q:2")
	}},
}...)

// jobFailures lists each way to fail.
func jobFailures() (tests []test) {
	for _, f := range failures {
		tests = append(tests, test{f.name + " is listed with how it goes on", func(s *scene) {
			id := f.fail(s)
			list := s.jobs(videosThat, 10)
			if len(list) != 1 {
				s.Fatalf("%d are listed, want 1", len(list))
			}
			j := list[0]
			if j.Kind != store.VideoJob || j.ID != id || j.Video != id || j.UserID != store.DefaultUser || j.Title != "Hello" || j.State != store.JobFailed {
				s.Errorf("listed as %+v", j)
			}
			if j.Failure == nil || j.Failure.Code != f.code || j.Step != f.step || j.Way != f.way {
				s.Errorf("failed in %q by %+v and goes on by %q; want %q, %q and %q", j.Step, j.Failure, j.Way, f.step, f.code, f.way)
			}
			if since := time.Since(j.At).Abs(); since > 48*time.Hour || j.At.Location() != time.UTC {
				s.Errorf("failed at %v, want now, in UTC", j.At)
			}
		}})
	}
	return tests
}
