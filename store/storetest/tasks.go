package storetest

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/store"
)

func (s *scene) startTask(user string) store.Task {
	s.Helper()
	t, err := s.db.StartTask(s.ctx, store.Task{ID: uuid.Must(uuid.NewV7()), UserID: user, By: operator, Kind: "verify-video", About: "a video"})
	s.must(err)
	return t
}

// wantTask compares what is told of a task, but for its times.
func (s *scene) wantTask(id uuid.UUID, status store.TaskStatus, result, failure string) store.Task {
	s.Helper()
	t, err := s.db.Task(s.ctx, store.Everyone(), id)
	s.must(err)
	if t.Status != status || string(t.Result) != result || t.Error != failure || t.EndedAt.IsZero() != (status == store.TaskStarted) {
		s.Errorf("the task is %+v, want %s with %q and %q", t, status, result, failure)
	}
	return t
}

var taskTests = []test{
	{"are told as they stand", func(s *scene) {
		good, bad := s.startTask("ada"), s.startTask("ada")
		got := s.wantTask(good.ID, store.TaskStarted, "", "")
		if got.UserID != "ada" || got.By != operator || got.Kind != "verify-video" || got.About != "a video" || got.StartedAt.IsZero() {
			s.Errorf("it is %+v", got)
		}
		s.must(s.db.EndTask(s.ctx, good.ID, json.RawMessage(`{"whole": true}`), ""))
		s.must(s.db.EndTask(s.ctx, bad.ID, nil, "the disk is full"))
		s.wantTask(good.ID, store.TaskSucceeded, `{"whole": true}`, "")
		s.must(s.db.EndTask(s.ctx, good.ID, nil, "too late"))
		s.must(s.db.RenewTask(s.ctx, good.ID))
		s.advance(time.Hour)
		s.wantTask(good.ID, store.TaskSucceeded, `{"whole": true}`, "")
		s.wantTask(bad.ID, store.TaskFailed, "", "the disk is full")
	}},
	{"fail once their process says nothing, and are heard if it was only slow", func(s *scene) {
		t := s.startTask("ada")
		for range 3 {
			s.advance(store.TaskLease - margin)
			s.must(s.db.RenewTask(s.ctx, t.ID))
			s.wantTask(t.ID, store.TaskStarted, "", "")
		}
		s.advance(store.TaskLease + margin)
		s.wantTask(t.ID, store.TaskFailed, "", store.TaskLost)
		s.must(s.db.EndTask(s.ctx, t.ID, json.RawMessage(`1`), ""))
		s.wantTask(t.ID, store.TaskSucceeded, "1", "")
	}},
	{"are each viewer's own, newest first", func(s *scene) {
		first, second, alans := s.startTask("ada"), s.startTask("ada"), s.startTask("alan")
		for viewer, want := range map[store.Viewer][]uuid.UUID{
			store.Only("ada"): {second.ID, first.ID}, store.Only("alan"): {alans.ID}, store.Only("eve"): nil,
			store.Everyone(): {alans.ID, second.ID, first.ID},
		} {
			list, err := s.db.Tasks(s.ctx, viewer)
			s.must(err)
			var got []uuid.UUID
			for _, t := range list {
				got = append(got, t.ID)
			}
			if !slices.Equal(got, want) {
				s.Errorf("tasks %v, want %v", got, want)
			}
		}
		for _, id := range []uuid.UUID{alans.ID, uuid.New()} {
			_, err := s.db.Task(s.ctx, store.Only("ada"), id)
			s.wantFault(err, fault.NotFound)
		}
	}},
	{"are forgotten after a week", func(s *scene) {
		old := s.startTask("ada")
		s.must(s.db.EndTask(s.ctx, old.ID, nil, "x"))
		runs := s.startTask("ada")
		s.advance(store.TaskLife + margin)
		s.must(s.db.RenewTask(s.ctx, runs.ID))
		young := s.startTask("ada")
		n, err := s.db.ForgetTasks(s.ctx)
		s.must(err)
		if n != 1 {
			s.Errorf("%d were forgotten, want 1", n)
		}
		s.wantTask(runs.ID, store.TaskStarted, "", "")
		s.wantTask(young.ID, store.TaskStarted, "", "")
	}},
}
