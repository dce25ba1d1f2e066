package storetest

import (
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"heyq/store"
)

const day = 24 * time.Hour

// everything is a retention that keeps nothing longer than a day.
var everything = store.Retention{Completed: day, Failed: day, Cancelled: day}

// remove goes through all videos and sums up what was removed.
func (s *scene) remove(r store.Retention) store.Removed {
	s.Helper()
	var all store.Removed
	for {
		one, err := s.db.RemoveVideos(s.ctx, r, all.Next)
		s.must(err)
		all.Videos, all.Files, all.Next = all.Videos+one.Videos, all.Files+one.Files, one.Next
		all.Prefixes = append(all.Prefixes, one.Prefixes...)
		if one.Next == uuid.Nil {
			return all
		}
	}
}

func (s *scene) wantRemoved(r store.Retention, want store.Removed) {
	s.Helper()
	if diff := cmp.Diff(want, s.remove(r), cmpopts.EquateEmpty()); diff != "" {
		s.Fatalf("removed by %+v (-want +got):\n%s", r, diff)
	}
}

// done is a completed video that is measured and counted.
func (s *scene) done() uuid.UUID {
	s.Helper()
	id := s.completed()
	s.claimAnalysis(id)
	s.save(analysis(id, "ada", "", monday))
	s.rollup()
	return id
}

// copies goes through all videos.
func (s *scene) copies(age time.Duration) (list []store.HeyGenCopy) {
	s.Helper()
	for after := uuid.Nil; ; {
		some, next, err := s.db.HeyGenCopies(s.ctx, age, after)
		s.must(err)
		if list = append(list, some...); next == uuid.Nil {
			return list
		}
		after = next
	}
}

var retentionTests = []test{
	{"what has ended is removed when it is old enough, by its state", func(s *scene) {
		done, failed, cancelled := s.done(), s.failed("a"), s.create()
		s.cancel(cancelled)
		open := s.create()
		s.wantRemoved(everything, store.Removed{})
		s.advance(day + margin)
		s.wantRemoved(store.Retention{}, store.Removed{})
		s.wantRemoved(store.Retention{Completed: 2 * day, Failed: 2 * day, Cancelled: 2 * day, Files: 2 * day}, store.Removed{})
		s.wantRemoved(store.Retention{Failed: day}, store.Removed{Videos: 1})
		s.wantRemoved(store.Retention{Cancelled: day}, store.Removed{Videos: 1})
		s.wantRemoved(store.Retention{Completed: day}, store.Removed{Videos: 1, Prefixes: []string{prefix}})
		left, err := s.db.VideosByID(s.ctx, store.Everyone(), []uuid.UUID{done, failed, cancelled, open})
		s.must(err)
		if len(left) != 1 || left[0].ID != open {
			s.Errorf("left are %+v, want the one that is open", left)
		}
		s.wantTotals(monday, friday, total(monday, "ada", "", 1)) // what it cost is remembered
	}},
	{"nothing is removed that somebody is at", func(s *scene) {
		s.pollingCancelled() // HeyGen may be at it
		s.advance(1000 * time.Hour)
		s.wantRemoved(everything, store.Removed{})
	}},
	{"a video under review waits for a person", func(s *scene) {
		id := s.failed(store.NeedsReview)
		s.advance(1000 * time.Hour)
		s.wantRemoved(everything, store.Removed{})
		s.wantState(id, store.Failed)
	}},
	{"what is not measured, or not counted, stays", func(s *scene) {
		id := s.completed()
		s.advance(2 * day)
		s.wantRemoved(everything, store.Removed{})
		s.claimAnalysis(id)
		s.save(analysis(id, "ada", "", monday))
		s.wantRemoved(everything, store.Removed{})
		s.rollup()
		s.wantRemoved(everything, store.Removed{Videos: 1, Prefixes: []string{prefix}})
		s.rollup()
		s.wantTotals(monday, friday, total(monday, "ada", "", 1))
	}},
	{"an analysis that was given up holds up nobody", func(s *scene) {
		id := s.completed()
		s.claimAnalysis(id)
		s.must(s.db.FailAnalyses(s.ctx, []uuid.UUID{id}, 0, 1))
		s.advance(2 * day)
		s.wantRemoved(everything, store.Removed{Videos: 1, Prefixes: []string{prefix}})
	}},
	{"whoever is still to be told is told first", func(s *scene) {
		s.cancel(s.create(notify))
		s.advance(2 * day)
		s.wantRemoved(everything, store.Removed{})
		s.mustEndDelivery(store.Delivered(s.deliver(), ok))
		s.wantRemoved(everything, store.Removed{Videos: 1})
	}},
	{"a removed video's key stays, or its request would render again", func(s *scene) {
		s.cancel(s.createOnce("ada", "k", "body").Videos[0].ID)
		s.advance(day + margin)
		s.wantRemoved(everything, store.Removed{Videos: 1})
		if !s.createOnce("ada", "k", "body").Replayed {
			s.Error("the request made another video")
		}
	}},
	{"files go before their row, which says so", func(s *scene) {
		id := s.done()
		files := store.Retention{Files: day}
		s.wantRemoved(files, store.Removed{})
		s.advance(day + margin)
		s.wantRemoved(files, store.Removed{Files: 1, Prefixes: []string{prefix}})
		s.wantRemoved(files, store.Removed{})
		v := s.video(id)
		if v.State != store.Completed || v.MediaPrefix != "" || v.File == nil || v.FilesRemovedAt.IsZero() {
			s.Errorf("it is %s with files at %q, measured as %v, removed at %v", v.State, v.MediaPrefix, v.File, v.FilesRemovedAt)
		}
		prefixes, err := s.db.MediaPrefixes(s.ctx, []uuid.UUID{id})
		s.must(err)
		if prefixes[id] != "" {
			s.Errorf("it still points to %s", prefixes[id])
		}
		s.wantRemoved(everything, store.Removed{Videos: 1})
	}},
	{"a page at a time", func(s *scene) {
		ids := s.createMany(store.RetentionPage + 3)
		for _, id := range []uuid.UUID{ids[0], ids[store.RetentionPage-1], ids[store.RetentionPage], ids[store.RetentionPage+2]} {
			s.cancel(id)
		}
		s.advance(2 * day)
		first, err := s.db.RemoveVideos(s.ctx, everything, uuid.Nil)
		s.must(err)
		if first.Videos != 2 || first.Next != ids[store.RetentionPage-1] {
			s.Errorf("removed %+v of the first page", first)
		}
		second, err := s.db.RemoveVideos(s.ctx, everything, first.Next)
		s.must(err)
		if second.Videos != 2 || second.Next != uuid.Nil {
			s.Errorf("removed %+v of the second page", second)
		}
	}},
	{"HeyGen's copy is deleted once, and before the row", func(s *scene) {
		id := s.done()
		s.failed("a")
		s.rendering()
		if list := s.copies(day); len(list) != 0 {
			s.Errorf("to be deleted: %v", list)
		}
		s.advance(day + margin)
		want := []store.HeyGenCopy{{Video: id, HeyGenID: heygenID(id)}}
		if diff := cmp.Diff(want, s.copies(day)); diff != "" {
			s.Errorf("to be deleted (-want +got):\n%s", diff)
		}
		copies := everything
		copies.Failed, copies.Copies = 0, true
		s.wantRemoved(copies, store.Removed{})
		s.must(s.db.HeyGenDeleted(s.ctx, id))
		s.must(s.db.HeyGenDeleted(s.ctx, id))
		if list := s.copies(day); len(list) != 0 {
			s.Errorf("to be deleted again: %v", list)
		}
		s.wantRemoved(copies, store.Removed{Videos: 1, Prefixes: []string{prefix}})
	}},
	{"what was done to jobs is forgotten when it is old enough", func(s *scene) {
		action := func(job string) store.Action {
			return store.Action{By: operator, Verb: store.DeleteJob, Job: job, Outcome: "done"}
		}
		s.must(s.db.RecordActions(s.ctx, slices.Repeat([]store.Action{action("old")}, store.RetentionBatch+1)))
		s.advance(day)
		s.must(s.db.RecordActions(s.ctx, []store.Action{action("young")}))
		for _, want := range []int{store.RetentionBatch, 1, 0} {
			n, err := s.db.ForgetActions(s.ctx, day-margin)
			s.must(err)
			if n != want {
				s.Errorf("forgot %d, want %d", n, want)
			}
		}
		s.wantActions("", action("young"))
	}},
}
