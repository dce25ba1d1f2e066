package storetest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"heyq/store"
)

func owner(user string) func(*store.NewVideo) {
	return func(v *store.NewVideo) { v.UserID = user }
}

// line has a user's videos wait, n of them.
func (s *scene) line(user string, n int, change ...func(*store.NewVideo)) {
	s.Helper()
	list := make([]store.NewVideo, n)
	for i := range list {
		list[i] = newVideo(append(change, owner(user))...)
	}
	_, err := s.db.CreateVideos(s.ctx, store.Creation{Videos: list})
	s.must(err)
}

func (s *scene) setTurn(user string, weight float64, slots int) {
	s.Helper()
	_, err := s.db.SetTurn(s.ctx, store.Turn{UserID: user, Weight: weight, Slots: slots})
	s.must(err)
}

// turns gives out slots: some more for each of the numbers. It returns whose videos got
// them, as "aab", in the order of the admissions.
func (s *scene) turns(some ...int) string {
	s.Helper()
	held, err := s.db.Turns(s.ctx)
	s.must(err)
	slots := 0
	for _, t := range held {
		slots += t.Held
	}
	var owners strings.Builder
	for _, more := range some {
		slots += more
		var ids []uuid.UUID
		for _, c := range s.admit(slots) {
			ids = append(ids, c.Video)
		}
		list, err := s.db.VideosByID(s.ctx, store.Everyone(), ids)
		s.must(err)
		slices.SortFunc(list, func(a, b store.Video) int { return strings.Compare(a.UserID, b.UserID) })
		for _, v := range list {
			owners.WriteString(v.UserID)
		}
	}
	return owners.String()
}

// oneByOne is n slots that become free one after the other.
func oneByOne(n int) []int { return slices.Repeat([]int{1}, n) }

// wantTurns checks how many of the slots that were given out each user got.
func (s *scene) wantTurns(got string, want map[string]int) {
	s.Helper()
	s.wantAbout(got, want, 0)
}

// wantAbout allows some more or less: who begins anew begins beside the others.
func (s *scene) wantAbout(got string, want map[string]int, some int) {
	s.Helper()
	for _, user := range []string{"a", "b", "c"} {
		if n := strings.Count(got, user); n < want[user]-some || n > want[user]+some {
			s.Fatalf("slots were given to %s, want %v", got, want)
		}
	}
}

var turnTests = []test{
	{"a thousand of one do not delay five of another", func(s *scene) {
		for _, one := range []bool{true, false} {
			s.line("a", 1000)
			s.turns(10)
			s.line("b", 5)
			next := []int{15}
			if one {
				next = oneByOne(15)
			}
			s.wantTurns(s.turns(next...), map[string]int{"a": 10, "b": 5})
		}
	}},
	{"each gets as many, in turn", func(s *scene) {
		s.line("a", 20)
		s.line("b", 20)
		s.line("c", 20)
		for range 5 {
			s.wantTurns(s.turns(oneByOne(3)...), map[string]int{"a": 1, "b": 1, "c": 1})
		}
		s.wantTurns(s.turns(30), map[string]int{"a": 10, "b": 10, "c": 10})
	}},
	{"by weight", func(s *scene) {
		s.setTurn("b", 3, 0)
		s.line("a", 100)
		s.line("b", 100)
		s.wantTurns(s.turns(40), map[string]int{"a": 10, "b": 30})
		s.wantTurns(s.turns(oneByOne(40)...), map[string]int{"a": 10, "b": 30})
	}},
	{"a weight that is changed counts for what waits", func(s *scene) {
		s.setTurn("a", store.LeastWeight, 0)
		s.line("a", 100)
		s.turns(10)
		s.line("b", 200)
		s.wantTurns(s.turns(20), map[string]int{"b": 20})
		s.setTurn("a", 1, 0)
		s.wantAbout(s.turns(20), map[string]int{"a": 10, "b": 10}, 1)
		s.setTurn("a", 3, 0)
		s.wantAbout(s.turns(20), map[string]int{"a": 15, "b": 5}, 1)
	}},
	{"no more slots than the user may hold, and none of the others idle", func(s *scene) {
		s.setTurn("a", 100, 2)
		s.line("a", 100)
		s.line("b", 30)
		s.wantTurns(s.turns(10), map[string]int{"a": 2, "b": 8})
		s.wantTurns(s.turns(oneByOne(10)...), map[string]int{"b": 10})
		s.setTurn("a", 1, 4)
		s.wantTurns(s.turns(10), map[string]int{"a": 2, "b": 8})
		s.setTurn("a", 1, 3) // fewer than are held
		s.wantTurns(s.turns(10), map[string]int{"b": 4})
		s.setTurn("a", 1, 0)
		s.wantTurns(s.turns(6), map[string]int{"a": 6})
	}},
	{"a slot that is given back is the same user's again, if others have enough", func(s *scene) {
		s.setTurn("a", 1, 1)
		s.line("a", 3)
		s.line("b", 1)
		claims := s.admit(10)
		if len(claims) != 2 {
			s.Fatalf("%d were admitted, want 2", len(claims))
		}
		for _, r := range s.begin(store.Create, claims...) {
			s.end(refuse(r))
		}
		s.wantTurns(s.turns(10), map[string]int{"a": 1})
	}},
	{"who holds all slots that it may is no reason for an alert", func(s *scene) {
		s.setTurn("a", 1, 2)
		s.line("a", 5)
		s.line("b", 1)
		s.advance(time.Hour)
		for _, want := range []int{6, 0} {
			b, err := s.db.Backlog(s.ctx)
			s.must(err)
			if b.Admission.Overdue != want || (b.Admission.Lag > 0) != (want > 0) || b.Admission.Oldest < time.Hour {
				s.Errorf("%+v, want %d overdue", b.Admission, want)
			}
			s.turns(10)
		}
	}},
	{"the cap is one for all of a user's priorities", func(s *scene) {
		s.setTurn("a", 1, 3)
		s.line("a", 2, priority(5))
		s.line("a", 10)
		s.line("b", 10)
		s.wantTurns(s.turns(8), map[string]int{"a": 3, "b": 5})
	}},
	{"who is kept by the cap earns no turns by it", func(s *scene) {
		s.setTurn("a", 1, 1)
		s.line("a", 100)
		s.line("b", 100)
		s.turns(50)
		s.setTurn("a", 1, 0)
		s.wantAbout(s.turns(20), map[string]int{"a": 10, "b": 10}, 1)
	}},
	{"who was away earns none either", func(s *scene) {
		s.line("a", 1)
		s.line("b", 200)
		s.turns(100)
		s.line("a", 100)
		s.wantAbout(s.turns(20), map[string]int{"a": 10, "b": 10}, 1)
	}},
	{"what was scheduled does not go before what came meanwhile", func(s *scene) {
		s.line("a", 100, notBefore(time.Now().Add(time.Hour)))
		s.advance(50 * time.Minute)
		s.line("b", 100)
		s.wantTurns(s.turns(20), map[string]int{"b": 20})
		s.advance(10*time.Minute + margin)
		s.wantAbout(s.turns(20), map[string]int{"a": 10, "b": 10}, 1)
	}},
	{"of one user, those that wait the longest go first", func(s *scene) {
		scheduled := s.create(notBefore(time.Now().Add(time.Hour)))
		s.advance(30 * time.Minute)
		old := s.create()
		s.advance(time.Hour)
		young := s.create()
		for i, want := range []uuid.UUID{old, scheduled, young} {
			if claims := s.admit(i + 1); len(claims) != 1 || claims[0].Video != want {
				s.Fatalf("admission %d: %v, want %s", i, claims, want)
			}
		}
	}},
	{"what goes back into the line is the first of it", func(s *scene) {
		s.line("a", 50)
		claims := s.admit(1)
		s.line("b", 50)
		s.end(store.NotSent(s.beginOne(store.Create, claims[0]), 0))
		for range 2 { // b, then a
			if again := s.admit(2); slices.ContainsFunc(again, func(c store.Claim) bool { return c.Video == claims[0].Video }) {
				return
			}
		}
		s.Error("it waits behind others of its user")
	}},
	{"the urgent go first whoever asks for them, and cost no turns of the others", func(s *scene) {
		s.line("a", 50)
		s.line("b", 50)
		s.line("a", 20, priority(5))
		s.wantTurns(s.turns(20), map[string]int{"a": 20})
		s.wantTurns(s.turns(20), map[string]int{"a": 10, "b": 10})
	}},
	{"many users", func(s *scene) {
		var all []store.NewVideo
		for i := range 300 {
			for range 3 {
				all = append(all, newVideo(owner(fmt.Sprintf("user-%03d", i))))
			}
		}
		_, err := s.db.CreateVideos(s.ctx, store.Creation{Videos: all})
		s.must(err)
		for slots := 0; slots < 300; slots += 50 {
			if n := len(s.admit(slots + 50)); n != 50 {
				s.Fatalf("%d were admitted, want 50", n)
			}
		}
		list, err := s.db.Turns(s.ctx)
		s.must(err)
		for _, t := range list {
			if t.Held != 1 || t.Waiting != 2 {
				s.Errorf("%+v, want one slot each", t)
			}
		}
		if len(list) != 300 {
			s.Errorf("%d users take turns, want 300", len(list))
		}
	}},
	{"never what was cancelled a moment ago", func(s *scene) {
		// A row may change between the look at the lines and its lock, and is looked at again then.
		for range 3 {
			var all []store.NewVideo
			for i := range 400 {
				all = append(all, newVideo(owner(fmt.Sprintf("user-%03d", i))))
			}
			_, err := s.db.CreateVideos(s.ctx, store.Creation{Videos: all})
			s.must(err)
			var both errgroup.Group
			for part := range 4 {
				both.Go(func() error {
					for i := part; i < len(all); i += 4 {
						if _, _, err := s.db.Cancel(s.ctx, store.Everyone(), all[len(all)-1-i].ID); err != nil {
							return err
						}
					}
					return nil
				})
			}
			both.Go(func() error {
				for slots := 40; slots <= 400; slots += 10 {
					if _, err := s.db.Admit(s.ctx, slots); err != nil {
						return err
					}
				}
				return nil
			})
			s.must(both.Wait())
			list, err := s.db.Turns(s.ctx)
			s.must(err)
			for _, t := range list {
				if t.Held > 0 {
					s.Fatalf("%s holds a slot, and has cancelled its video", t.UserID)
				}
			}
		}
	}},
	{"are told as they were set", func(s *scene) {
		s.line("b", 3)
		s.admit(1)
		got, err := s.db.SetTurn(s.ctx, store.Turn{UserID: "b", Weight: 2.55, Slots: 7})
		s.must(err)
		if want := (store.Turn{UserID: "b", Weight: 2.55, Slots: 7, Waiting: 2, Held: 1}); got != want {
			s.Errorf("got %+v, want %+v", got, want)
		}
		s.setTurn("c", 0.01, 0)
		s.line("a", 1)
		list, err := s.db.Turns(s.ctx)
		s.must(err)
		want := []store.Turn{{UserID: "a", Weight: 1, Waiting: 1}, {UserID: "b", Weight: 2.55, Slots: 7, Waiting: 2, Held: 1}, {UserID: "c", Weight: 0.01}}
		if !slices.Equal(list, want) {
			s.Errorf("got %+v, want %+v", list, want)
		}
	}},
}
