package storetest

import (
	"time"

	"heyq/store"
)

// lapse begins what is due for a step and lets the lease run out, n times.
func (s *scene) lapse(step store.Step, n int) {
	s.Helper()
	for range n {
		s.again(step)
		s.advance(store.DefaultTiming.Lease + margin)
	}
}

const crashLoop = "crash_loop"

var lapseTests = []test{
	{"a create that kills its worker is looked for", func(s *scene) {
		id := s.sending().Video
		s.advance(store.DefaultTiming.Lease + margin)
		s.lapse(store.Create, store.MostLapses-1)
		if claims := s.claim(store.Create); len(claims) > 0 {
			s.Fatalf("claimed %v, want the row to end its loop", claims)
		}
		r := s.again(store.Create)
		if r.Video != id || !r.Search || r.Refusal == nil || r.Refusal.Code != crashLoop || r.Refusal.Step != store.Create || r.Attempt != 0 {
			s.Fatalf("begun as %+v, want a look because of a crash loop", r)
		}
		s.wantFree(1, 0)
		s.end(accept(r))
		s.wantState(id, store.Rendering)
	}},
	{"a poll that kills its worker fails the video, which is watched on", func(s *scene) {
		id := s.rendering()
		s.lapse(store.Poll, store.MostLapses)
		if claims := s.claim(store.Poll); len(claims) > 0 {
			s.Fatalf("claimed %v, want the row to end its loop", claims)
		}
		v := s.video(id)
		if v.State != store.Failed || v.Failure.Code != crashLoop || v.Failure.Step != store.Poll || v.Timeline[len(v.Timeline)-1].State != store.Failed {
			s.Fatalf("the video is %s, %+v, want failed by a crash loop", v.State, v.Failure)
		}
		s.wantFree(1, 0)
		s.end(store.Rendered(s.again(store.Poll)))
		s.wantState(id, store.Downloading)
		s.wantFree(1, 1)
	}},
	{"a watch that kills its worker is still a watch", func(s *scene) {
		id := s.rendering()
		s.cancel(id)
		s.lapse(store.Poll, store.MostLapses)
		s.claim(store.Poll)
		s.wantState(id, store.Cancelled)
		s.end(store.Rendered(s.again(store.Poll)))
		s.wantState(id, store.Cancelled)
		s.wantFree(1, 1)
	}},
	{"a download that kills its worker fails the video", func(s *scene) {
		id := s.downloading().Video
		s.advance(store.DefaultTiming.Lease + margin)
		s.lapse(store.Download, store.MostLapses-1)
		if claims := s.claim(store.Download); len(claims) > 0 {
			s.Fatalf("claimed %v, want the row to end its loop", claims)
		}
		v := s.video(id)
		if v.State != store.Failed || v.Failure.Code != crashLoop || v.Failure.Step != store.Download || !v.Resumable {
			s.Fatalf("the video is %s, %+v, want failed by a crash loop, and resumable", v.State, v.Failure)
		}
		s.advance(1000 * time.Hour)
		s.wantNothingDue()
	}},
	{"an end breaks the row of lapses", func(s *scene) {
		id := s.rendering()
		for range 3 {
			s.lapse(store.Poll, store.MostLapses-1)
			s.end(store.StillRendering(s.again(store.Poll), 0))
		}
		s.wantState(id, store.Rendering)
	}},
	{"a worker that is told to stop neither adds to it nor breaks it", func(s *scene) {
		id := s.rendering()
		for range store.MostLapses {
			s.lapse(store.Poll, 1)
			if claims := s.claim(store.Poll); len(claims) == 1 {
				s.end(store.HandedBack(s.beginOne(store.Poll, claims[0])))
			}
		}
		s.wantState(id, store.Failed)
	}},
	{"a task that is lost is not a worker that died", func(s *scene) {
		id := s.rendering()
		for range 3 * store.MostLapses {
			s.claimOne(store.Poll)
			s.advance(store.DefaultTiming.Redispatch)
		}
		s.wantState(id, store.Rendering)
	}},
	{"one dead worker and many lost tasks are one lapse", func(s *scene) {
		id := s.rendering()
		s.lapse(store.Poll, 1)
		for range 3 * store.MostLapses {
			s.claimOne(store.Poll)
			s.advance(store.DefaultTiming.Redispatch)
		}
		s.wantState(id, store.Rendering)
	}},
}
