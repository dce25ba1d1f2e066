package storetest

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"heyq/store"
)

var admitTests = []test{
	{"never more than the slots", func(s *scene) {
		s.createMany(30)
		const cap = 10
		var mu sync.Mutex
		var all []store.Claim
		var g errgroup.Group
		for range 16 {
			g.Go(func() error {
				claims, err := s.db.Admit(s.ctx, cap)
				mu.Lock()
				defer mu.Unlock()
				all = append(all, claims...)
				return err
			})
		}
		s.must(g.Wait())
		if len(all) != cap {
			s.Fatalf("%d videos were admitted at once, want %d", len(all), cap)
		}
		if more := s.admit(cap); len(more) > 0 {
			s.Errorf("%d more were admitted", len(more))
		}
		if more := s.admit(cap + 3); len(more) != 3 {
			s.Errorf("%d were admitted to 3 more slots", len(more))
		}
		if less := s.admit(5); len(less) > 0 {
			s.Errorf("%d were admitted with fewer slots than are held", len(less))
		}
	}},
	{"the urgent first, then the old", func(s *scene) {
		late := s.create()
		low := s.create(priority(-10))
		high := s.create(priority(10))
		later := s.create()
		for i, want := range []uuid.UUID{high, late, later, low} {
			claims := s.admit(i + 1)
			if len(claims) != 1 || claims[0].Video != want {
				s.Fatalf("admission %d: %v, want %s", i, claims, want)
			}
		}
	}},
	{"not before its time", func(s *scene) {
		id := s.create(priority(10), notBefore(time.Now().Add(time.Hour)))
		now := s.create()
		if claims := s.admit(2); len(claims) != 1 || claims[0].Video != now {
			s.Fatalf("admitted %v, want %s only", claims, now)
		}
		s.advance(time.Hour + margin)
		if claims := s.admit(2); len(claims) != 1 || claims[0].Video != id {
			s.Fatalf("admitted %v, want %s", claims, id)
		}
	}},
	{"a time that has passed is now", func(s *scene) {
		s.create(notBefore(time.Now().Add(-time.Hour)))
		if len(s.admit(1)) != 1 {
			s.Error("a video whose time has passed was not admitted")
		}
	}},
	{"a slot is held until HeyGen let go of it", func(s *scene) {
		claim := s.admitted()
		s.wantFree(1, 0)
		r := s.beginOne(store.Create, claim)
		s.wantFree(1, 0)
		s.end(store.Accepted(r, "hg-1", 0))
		s.wantFree(1, 0)
		r = s.again(store.Poll)
		s.wantFree(1, 0)
		s.end(store.Rendered(r))
		s.wantFree(1, 1)
	}},
	{"unclear creates keep half of the slots at most, and the others go on", func(s *scene) {
		s.createMany(10)
		for _, r := range s.begin(store.Create, s.admit(10)...) {
			s.end(store.Unreachable(r, time.Hour))
		}
		s.wantFree(10, 5)
		s.wantFree(4, 2)
		s.wantFree(1, 0)
		s.createMany(5)
		for _, r := range s.begin(store.Create, s.admit(10)...) {
			s.end(store.Accepted(r, heygenID(r.Video), time.Hour))
		}
		s.wantFree(10, 0)
	}},
	{"what is made of a broken template waits behind all others", func(s *scene) {
		of := func(template string) func(*store.NewVideo) {
			return func(v *store.NewVideo) { v.Request = json.RawMessage(`{"template_id":"` + template + `"}`) }
		}
		for range 40 {
			s.create(priority(10), of("broken"))
		}
		for range 5 {
			s.create(of("whole"))
		}
		claims := s.admit(10)
		for range 3 {
			for _, r := range s.begin(store.Create, claims...) {
				s.end(unclear(r))
			}
			s.advance(time.Minute)
			claims = s.claim(store.Create)
		}
		next := s.admit(10)
		s.createMany(1)
		next = append(next, s.admit(11)...)
		if len(next) != 6 {
			s.Fatalf("%d were admitted, want 6", len(next))
		}
		for _, c := range next {
			if v := s.video(c.Video); strings.Contains(string(v.Request), "broken") {
				s.Errorf("another one of the broken template was admitted before what waits: %v", c)
			}
		}
		if rest := s.admit(13); len(rest) != 1 || !strings.Contains(string(s.video(rest[0].Video).Request), "broken") {
			s.Errorf("admitted with nothing else waiting: %v, want one of the broken template", rest)
		}
	}},
	{"a create counts in full until its third unclear answer", func(s *scene) {
		s.createMany(2)
		claims := s.admit(2)
		for range 3 {
			s.wantFree(2, 0)
			for _, r := range s.begin(store.Create, claims...) {
				s.end(unclear(r))
			}
			s.advance(time.Minute)
			claims = s.claim(store.Create)
		}
		s.wantFree(2, 1)
	}},
	{"a create counts in full until it has been unclear for three minutes", func(s *scene) {
		s.createMany(3)
		claims := s.admit(2)
		s.end(unclear(s.beginOne(store.Create, claims[0])))
		s.end(store.InProgress(s.beginOne(store.Create, claims[1]), time.Minute))
		s.wantFree(2, 0)
		s.advance(3*time.Minute - margin)
		s.wantFree(2, 0)
		s.advance(2 * margin)
		s.wantFree(2, 0)                              // one is unclear, and half of two is one
		for _, again := range s.claim(store.Create) { // in no order
			if again.Video == claims[1].Video {
				s.end(unclear(s.beginOne(store.Create, again)))
			}
		}
		s.wantFree(2, 1)
	}},
	{"concurrent admissions, ends and cancels keep the cap", func(s *scene) {
		const cap, videos = 5, 60
		s.createMany(videos)
		var held meter
		var ended atomic.Int64
		ctx, cancel := context.WithTimeout(s.ctx, time.Minute)
		defer cancel()
		var g errgroup.Group
		for range 8 {
			g.Go(func() error {
				for ended.Load() < videos {
					claims, err := s.db.Admit(ctx, cap)
					if err != nil {
						return err
					}
					held.add(len(claims))
					runs, err := s.db.Begin(ctx, store.Create, claims)
					if err != nil {
						return err
					}
					for _, r := range runs {
						held.add(-1) // before the end: the next holder may be faster than we are
						if _, err := s.db.End(ctx, []store.End{refuse(r)}); err != nil {
							return err
						}
						ended.Add(1)
					}
				}
				return nil
			})
		}
		s.must(g.Wait())
		if held.max > cap {
			s.Errorf("%d slots were held at once, want at most %d", held.max, cap)
		}
		n, err := s.db.Counts(s.ctx)
		s.must(err)
		if n[store.Failed] != videos {
			s.Errorf("%v, want all %d at their end", n, videos)
		}
	}},
}

// meter counts what is held at once.
type meter struct {
	mu       sync.Mutex
	now, max int
}

func (m *meter) add(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now += n
	m.max = max(m.max, m.now)
}
