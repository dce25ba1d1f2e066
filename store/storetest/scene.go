package storetest

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/store"
)

// scene is an empty store in a test. Its methods fail the test on any error.
type scene struct {
	testing.TB
	ctx     context.Context
	db      store.Store
	advance func(time.Duration)

	cancelAll bool // cancel by CancelAll
}

func newScene(t testing.TB, h Harness) *scene {
	return &scene{TB: t, ctx: t.Context(), db: h.Store, advance: h.Advance}
}

// margin is how far from a due time the suite looks, before and after: real
// time passes as well while a test runs.
const margin = 10 * time.Second

func (s *scene) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *scene) wantFault(err error, code fault.Code) {
	s.Helper()
	if fault.CodeOf(err) != code {
		s.Fatalf("got error %v, want a fault %q", err, code)
	}
}

// newVideo is a video that validates.
func newVideo(change ...func(*store.NewVideo)) store.NewVideo {
	v := store.NewVideo{
		ID: uuid.Must(uuid.NewV7()), UserID: store.DefaultUser, Title: "Hello", Description: "A greeting",
		Metadata: map[string]string{"order": "7"}, Request: json.RawMessage(`{"script":"Hello, Ada."}`),
	}
	for _, c := range change {
		c(&v)
	}
	return v
}

func priority(p int) func(*store.NewVideo) {
	return func(v *store.NewVideo) { v.Priority = p }
}

func notBefore(at time.Time) func(*store.NewVideo) {
	return func(v *store.NewVideo) { v.NotBefore = at }
}

func notify(v *store.NewVideo) { v.NotifyURL = hook }

func (s *scene) create(change ...func(*store.NewVideo)) uuid.UUID {
	s.Helper()
	v := newVideo(change...)
	_, err := s.db.CreateVideos(s.ctx, store.Creation{Videos: []store.NewVideo{v}})
	s.must(err)
	return v.ID
}

func (s *scene) createMany(n int) []uuid.UUID {
	s.Helper()
	list, ids := make([]store.NewVideo, n), make([]uuid.UUID, n)
	for i := range list {
		list[i] = newVideo()
		ids[i] = list[i].ID
	}
	_, err := s.db.CreateVideos(s.ctx, store.Creation{Videos: list})
	s.must(err)
	return ids
}

func (s *scene) video(id uuid.UUID) store.Video {
	s.Helper()
	v, err := s.db.Video(s.ctx, store.Everyone(), id)
	s.must(err)
	return v
}

func (s *scene) wantState(id uuid.UUID, want store.State) {
	s.Helper()
	if v := s.video(id); v.State != want {
		s.Fatalf("video is %s (failure %v), want %s", v.State, v.Failure, want)
	}
}

func (s *scene) admit(slots int) []store.Claim {
	s.Helper()
	claims, err := s.db.Admit(s.ctx, slots)
	s.must(err)
	return claims
}

// wantFree checks how many of slots are free, by filling them with videos that
// are least urgent, and gives them back.
func (s *scene) wantFree(slots, want int) {
	s.Helper()
	rivals := make([]uuid.UUID, slots)
	for i := range rivals {
		rivals[i] = s.create(priority(-100))
	}
	got := len(s.admit(slots))
	for _, id := range rivals {
		_, _, err := s.db.Cancel(s.ctx, store.Everyone(), id)
		s.must(err)
	}
	if got != want {
		s.Fatalf("%d of %d slots were free, want %d", got, slots, want)
	}
}

// claim takes everything that is due for a step.
func (s *scene) claim(step store.Step) []store.Claim {
	s.Helper()
	claims, err := s.db.Claim(s.ctx, step, 1000)
	s.must(err)
	return claims
}

// claimOne takes the one video that is due for a step.
func (s *scene) claimOne(step store.Step) store.Claim {
	s.Helper()
	claims := s.claim(step)
	if len(claims) != 1 {
		s.Fatalf("%d videos are due for %s, want 1", len(claims), step)
	}
	return claims[0]
}

func (s *scene) wantNothingDue() {
	s.Helper()
	for _, step := range store.Steps {
		if claims := s.claim(step); len(claims) > 0 {
			s.Fatalf("due for %s: %v, want nothing", step, claims)
		}
	}
}

func (s *scene) begin(step store.Step, claims ...store.Claim) []store.Run {
	s.Helper()
	runs, err := s.db.Begin(s.ctx, step, claims)
	s.must(err)
	return runs
}

func (s *scene) beginOne(step store.Step, c store.Claim) store.Run {
	s.Helper()
	runs := s.begin(step, c)
	if len(runs) != 1 {
		s.Fatalf("%d runs began for %s, want 1", len(runs), step)
	}
	return runs[0]
}

func (s *scene) wantNoBegin(step store.Step, c store.Claim) {
	s.Helper()
	if runs := s.begin(step, c); len(runs) > 0 {
		s.Fatalf("%s began: %+v, want it refused", step, runs)
	}
}

func (s *scene) end(e store.End) store.Ended {
	s.Helper()
	ended, err := s.db.End(s.ctx, []store.End{e})
	s.must(err)
	if len(ended) != 1 {
		s.Fatalf("the end of %s as %s matched %d rows, want 1", e.State, e.To, len(ended))
	}
	return ended[0]
}

func (s *scene) wantFenced(e store.End) {
	s.Helper()
	ended, err := s.db.End(s.ctx, []store.End{e})
	s.must(err)
	if len(ended) > 0 {
		s.Fatalf("a stale end was written: %+v", ended)
	}
}
