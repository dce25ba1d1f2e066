package storetest

import (
	"crypto/sha256"
	"errors"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"heyq/internal/fault"
	"heyq/store"
)

// once is a creation of one video under a key; the answer is the video's id.
func once(user, key, body string) store.Creation {
	return store.Creation{
		Videos: []store.NewVideo{newVideo(func(v *store.NewVideo) { v.UserID = user })},
		Once: &store.Once{
			UserID: user, Key: key, Sum: sha256.Sum256([]byte(body)),
			Answer: func(list []store.Video) ([]byte, error) { return []byte(list[0].ID.String()), nil },
		},
	}
}

func (s *scene) createOnce(user, key, body string) store.Created {
	s.Helper()
	created, err := s.db.CreateVideos(s.ctx, once(user, key, body))
	s.must(err)
	return created
}

func (s *scene) wantVideos(n int) {
	s.Helper()
	if _, total := s.list(store.Filter{}, 1, 1); total != n {
		s.Fatalf("%d videos exist, want %d", total, n)
	}
}

var keyTests = []test{
	{"a key gives its first answer again", func(s *scene) {
		first, again := s.createOnce("ada", "k", "body"), s.createOnce("ada", "k", "body")
		if first.Replayed || string(first.Answer) != first.Videos[0].ID.String() {
			s.Errorf("first: %+v, want a creation", first)
		}
		if !again.Replayed || again.Videos != nil || string(again.Answer) != string(first.Answer) {
			s.Errorf("again: %+v, want a replay of %s", again, first.Answer)
		}
		s.wantVideos(1)
	}},
	{"another body under a key is a conflict", func(s *scene) {
		s.createOnce("ada", "k", "body")
		_, err := s.db.CreateVideos(s.ctx, once("ada", "k", "another"))
		s.wantFault(err, fault.Conflict)
		s.wantVideos(1)
	}},
	{"a key belongs to its user", func(s *scene) {
		s.createOnce("ada", "k", "body")
		if s.createOnce("bob", "k", "another").Replayed {
			s.Error("another user's key was replayed")
		}
		s.wantVideos(2)
	}},
	{"a creation that fails leaves no key", func(s *scene) {
		broken := once("ada", "k", "body")
		broken.Once.Answer = func([]store.Video) ([]byte, error) { return nil, errors.New("cannot encode") }
		if _, err := s.db.CreateVideos(s.ctx, broken); err == nil {
			s.Fatal("the creation succeeded without an answer")
		}
		s.wantVideos(0)
		if s.createOnce("ada", "k", "body").Replayed {
			s.Error("a failed creation was replayed")
		}
		s.wantVideos(1)

		double := once("ada", "l", "body")
		double.Videos = append(double.Videos, double.Videos[0])
		_, err := s.db.CreateVideos(s.ctx, double)
		s.wantFault(err, fault.Internal)
		if s.createOnce("ada", "l", "other").Replayed {
			s.Error("a failed insert left its key")
		}
	}},
	{"of many with one key, one creates", func(s *scene) {
		const many = 16
		answers := make([]store.Created, many)
		var g errgroup.Group
		for i := range many {
			g.Go(func() (err error) {
				answers[i], err = s.db.CreateVideos(s.ctx, once("ada", "k", "body"))
				return err
			})
		}
		s.must(g.Wait())
		creators := 0
		for _, a := range answers {
			if !a.Replayed {
				creators++
			}
			if string(a.Answer) != string(answers[0].Answer) {
				s.Errorf("answers %s and %s under one key", a.Answer, answers[0].Answer)
			}
		}
		if creators != 1 {
			s.Errorf("%d of %d created, want 1", creators, many)
		}
		s.wantVideos(1)
	}},
	{"old keys are forgotten", func(s *scene) {
		s.createOnce("ada", "old", "body")
		s.advance(25 * time.Hour)
		s.createOnce("ada", "new", "body")
		n, err := s.db.ForgetKeys(s.ctx, 24*time.Hour)
		s.must(err)
		if n != 1 {
			s.Errorf("forgot %d keys, want 1", n)
		}
		if s.createOnce("ada", "old", "body").Replayed || !s.createOnce("ada", "new", "body").Replayed {
			s.Error("the wrong key was forgotten")
		}
	}},
	{"the answer of a large batch comes back as it was", func(s *scene) {
		c := once("ada", "k", "body")
		for range 999 {
			c.Videos = append(c.Videos, newVideo())
		}
		answer := make([]byte, 0, 36_000)
		c.Once.Answer = func(list []store.Video) ([]byte, error) {
			for _, v := range list {
				answer = append(answer, v.ID.String()...)
			}
			return answer, nil
		}
		_, err := s.db.CreateVideos(s.ctx, c)
		s.must(err)
		again, err := s.db.CreateVideos(s.ctx, c)
		s.must(err)
		if !again.Replayed || string(again.Answer) != string(answer) || len(answer) != 1000*len(uuid.Nil.String()) {
			s.Errorf("the replay has %d bytes, want %d", len(again.Answer), len(answer))
		}
	}},
}
