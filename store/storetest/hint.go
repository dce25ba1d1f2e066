package storetest

import (
	"time"

	"github.com/google/uuid"

	"heyq/store"
)

func (s *scene) wantHint(heygenID string, video uuid.UUID, want int) {
	s.Helper()
	n, err := s.db.Hint(s.ctx, []store.Hint{{HeyGenID: heygenID, Video: video}})
	s.must(err)
	if n != want {
		s.Fatalf("the hint met %d rows, want %d", n, want)
	}
}

var hintTests = []test{
	{"makes the next look due now", func(s *scene) {
		r := s.sending()
		s.end(accept(r))
		s.wantNothingDue()
		s.wantHint(heygenID(r.Video), uuid.Nil, 1)
		s.again(store.Poll)
	}},
	{"finds a video by our own id", func(s *scene) {
		r := s.sending()
		s.end(accept(r))
		s.wantHint("hg-unknown", r.Video, 1)
		s.again(store.Poll)
	}},
	{"reaches the watch of a cancelled video", func(s *scene) {
		r := s.pollingCancelled()
		s.end(store.StillRendering(r, time.Hour))
		s.wantHint(heygenID(r.Video), uuid.Nil, 1)
		s.again(store.Poll)
	}},
	{"moves nothing that it does not concern", func(s *scene) {
		queued := s.create(priority(-10))
		s.wantHint("", uuid.Nil, 0)
		s.wantHint("hg-unknown", uuid.New(), 0)
		s.wantHint("", queued, 0)
		done := s.completed()
		s.wantHint(heygenID(done), done, 0)
		r := s.downloading()
		s.wantHint(heygenID(r.Video), r.Video, 0)
		s.wantState(queued, store.Queued)
		s.wantState(done, store.Completed)
	}},
	{"is answered by the look that follows it", func(s *scene) {
		r := s.sending()
		s.end(accept(r))
		s.hint(r.Video)
		s.end(still(s.again(store.Poll)))
		s.wantNothingDue()
	}},
	{"a look knows that a hint led to it, once", func(s *scene) {
		r := s.sending()
		s.end(accept(r))
		s.hint(r.Video)
		hinted := s.again(store.Poll)
		if !hinted.Hinted {
			s.Error("the look does not know of the hint")
		}
		s.end(store.StillRendering(hinted, 0))
		if s.again(store.Poll).Hinted {
			s.Error("the next look takes the hint for its own")
		}
	}},
	{"meets each of many videos once", func(s *scene) {
		hints := []store.Hint{{}, {HeyGenID: "hg-unknown", Video: uuid.New()}}
		for range 3 {
			s.create()
		}
		for i, c := range s.admit(3) {
			r := s.beginOne(store.Create, c)
			s.end(accept(r))
			hints = append(hints, []store.Hint{{HeyGenID: heygenID(r.Video)}, {Video: r.Video}, {HeyGenID: heygenID(r.Video), Video: r.Video}}[i])
		}
		s.wantNothingDue()
		n, err := s.db.Hint(s.ctx, append(hints, hints...))
		s.must(err)
		if due := s.claim(store.Poll); n != 3 || len(due) != 3 {
			s.Errorf("the hints met %d rows and made %d due, want 3", n, len(due))
		}
		n, err = s.db.Hint(s.ctx, nil)
		s.must(err)
		if n != 0 {
			s.Errorf("no hints met %d rows", n)
		}
	}},
	{"does not adopt an id", func(s *scene) {
		r := s.sending()
		s.wantHint("hg-forged", r.Video, 1)
		if v := s.video(r.Video); v.HeyGenID != "" || v.State != store.Submitting {
			s.Errorf("the hint changed the video: %+v", v)
		}
	}},
	{"a backoff of a create is not cut short", func(s *scene) {
		r := s.sending()
		s.end(unclear(r))
		s.wantHint("", r.Video, 1)
		s.wantNothingDue()
		s.advance(time.Minute)
		s.end(accept(s.again(store.Create)))
		s.again(store.Poll) // remembered until now: HeyGen had news
	}},
	{"an old task does not begin beside the new one", func(s *scene) {
		s.rendering()
		lost := s.claimOne(store.Poll)
		s.hint(lost.Video)
		claim := s.claimOne(store.Poll)
		s.wantNoBegin(store.Poll, lost)
		s.beginOne(store.Poll, claim)
	}},
	{"a wiped Redis makes what was sent due now, once", func(s *scene) {
		s.wantSync("epoch 1", true)
		s.wantSync("epoch 1", false)
		admitted := s.admitted()
		waiting := s.create()
		s.wantNothingDue()
		s.wantSync("epoch 1", false)
		s.wantNothingDue()
		s.wantSync("epoch 2", true)
		if c := s.claimOne(store.Create); c.Video != admitted.Video {
			s.Errorf("due is %s, want the admitted video", c.Video)
		}
		s.wantSync("epoch 2", false)
		s.wantNothingDue()
		s.wantState(waiting, store.Queued)
	}},
	{"a wiped Redis leaves a runner, a backoff and a look alone", func(s *scene) {
		r := s.sending()
		s.wantSync("epoch 1", true)
		s.wantNothingDue()
		s.end(unclear(r))
		s.wantSync("epoch 2", true)
		s.wantNothingDue()
		s.advance(time.Minute)
		s.end(accept(s.again(store.Create)))
		s.wantSync("epoch 3", true)
		s.wantNothingDue()
	}},
	{"each process that moved to another Redis may have lost what it sent", func(s *scene) {
		s.wantSync("epoch 1", true)
		admitted := s.admitted()
		for range 2 {
			lost, err := s.db.SyncRedis(s.ctx, "epoch 2", true)
			s.must(err)
			if c := s.claimOne(store.Create); !lost || c.Video != admitted.Video {
				s.Errorf("lost: %v, due is %v", lost, c)
			}
		}
		s.wantSync("epoch 2", false)
		s.wantNothingDue()
	}},
	{"a wiped Redis makes lost analyses due now", func(s *scene) {
		id := s.completed()
		s.claimAnalysis(id)
		s.wantSync("epoch 1", true)
		s.claimAnalysis(id)
	}},
}

func (s *scene) wantSync(epoch string, lost bool) {
	s.Helper()
	got, err := s.db.SyncRedis(s.ctx, epoch, false)
	s.must(err)
	if got != lost {
		s.Fatalf("SyncRedis(%q) says lost %v, want %v", epoch, got, lost)
	}
}
