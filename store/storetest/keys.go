package storetest

import (
	"crypto/sha256"
	"errors"
	"fmt"
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

// keyed is a video with a key of its own.
func keyed(user, key, content string) store.NewVideo {
	return newVideo(func(v *store.NewVideo) {
		v.UserID, v.Key, v.Sum = user, key, sha256.Sum256([]byte(content))
	})
}

func (s *scene) createKeyed(videos ...store.NewVideo) []store.Video {
	s.Helper()
	created, err := s.db.CreateVideos(s.ctx, store.Creation{Videos: videos})
	s.must(err)
	if len(created.Videos) != len(videos) {
		s.Fatalf("%d rows for %d videos", len(created.Videos), len(videos))
	}
	return created.Videos
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
		s.createKeyed(keyed("ada", "week", "line"))
		s.advance(25 * time.Hour)
		if n, err := s.db.ForgetKeys(s.ctx); n != 0 || err != nil {
			s.Errorf("forgot %d keys after 25 hours, %v; a day is promised", n, err)
		}
		s.advance(store.KeyLife - 25*time.Hour + margin)
		s.createOnce("ada", "new", "body")
		n, err := s.db.ForgetKeys(s.ctx)
		s.must(err)
		if n != 1 {
			s.Errorf("forgot %d keys, want 1", n)
		}
		if s.createOnce("ada", "old", "body").Replayed || !s.createOnce("ada", "new", "body").Replayed {
			s.Error("the wrong key was forgotten")
		}
	}},
	{"the key of a video lives for a week", func(s *scene) {
		first := s.createKeyed(keyed("ada", "week", "line"))[0]
		s.advance(7*24*time.Hour + margin)
		_, err := s.db.ForgetKeys(s.ctx)
		s.must(err)
		if again := s.createKeyed(keyed("ada", "week", "line"))[0]; again.ID != first.ID {
			s.Errorf("the line made %s and after a week %s", first.ID, again.ID)
		}
		s.advance(store.VideoKeyLife - 7*24*time.Hour)
		n, err := s.db.ForgetKeys(s.ctx)
		s.must(err)
		if again := s.createKeyed(keyed("ada", "week", "line"))[0]; again.ID == first.ID || n != 1 {
			s.Errorf("%d keys were forgotten, and the line still is %s", n, again.ID)
		}
	}},
	{"videos come back in the order in which they were asked for", func(s *scene) {
		asked := make([]store.NewVideo, 50)
		for i := range asked {
			asked[len(asked)-1-i] = newVideo(priority(i % 3))
		}
		created := s.createKeyed(asked...)
		for i, v := range created {
			if v.ID != asked[i].ID {
				s.Fatalf("row %d is %s, want %s", i, v.ID, asked[i].ID)
			}
		}
	}},
	{"a video is made once under its key", func(s *scene) {
		first := s.createKeyed(keyed("ada", "1", "a"), keyed("ada", "2", "b"))
		s.cancel(first[1].ID)
		asked := []store.NewVideo{keyed("ada", "3", "c"), keyed("ada", "1", "a"), newVideo(), keyed("ada", "2", "b"), keyed("bob", "1", "a")}
		again := s.createKeyed(asked...)
		s.wantVideos(5)
		for i, want := range []uuid.UUID{asked[0].ID, first[0].ID, asked[2].ID, first[1].ID, asked[4].ID} {
			if again[i].ID != want {
				s.Errorf("video %d is %s, want %s", i, again[i].ID, want)
			}
		}
		if again[3].State != store.Cancelled || again[0].State != store.Queued {
			s.Errorf("the states are %s and %s, want those of now", again[3].State, again[0].State)
		}
	}},
	{"a key twice in one creation makes one video", func(s *scene) {
		rows := s.createKeyed(keyed("ada", "1", "a"), keyed("ada", "1", "a"))
		s.wantVideos(1)
		if rows[0].ID != rows[1].ID {
			s.Errorf("the videos are %s and %s", rows[0].ID, rows[1].ID)
		}
	}},
	{"another video under a key is a conflict, and nothing is made", func(s *scene) {
		s.createKeyed(keyed("ada", "1", "a"))
		_, err := s.db.CreateVideos(s.ctx, store.Creation{Videos: []store.NewVideo{newVideo(), keyed("ada", "2", "b"), keyed("ada", "1", "other")}})
		s.wantFault(err, fault.Conflict)
		s.wantVideos(1)
		s.createKeyed(keyed("ada", "2", "other")) // which the conflict left free
		s.wantVideos(2)
	}},
	{"the key of a video outlives it", func(s *scene) {
		first := s.createKeyed(keyed("ada", "1", "a"))[0]
		s.cancel(first.ID)
		_, err := s.db.DeleteVideo(s.ctx, first.ID, operator)
		s.must(err)
		if again := s.createKeyed(keyed("ada", "1", "a"))[0]; again.ID != first.ID || again.State != "" {
			s.Errorf("got %+v, want the id of what is gone", again)
		}
		s.wantVideos(0)
	}},
	{"a request's key and a video's do not meet", func(s *scene) {
		s.createOnce("ada", "1", "body")
		s.createKeyed(keyed("ada", "1", "a"))
		s.wantVideos(2)
	}},
	{"of many that want one video, in any order, one is made", func(s *scene) {
		const many, lines = 12, 20
		made := make([][]store.Video, many)
		var g errgroup.Group
		for i := range many {
			g.Go(func() error {
				var asked []store.NewVideo
				for line := range lines {
					asked = append(asked, keyed("ada", fmt.Sprint((line*7+i)%lines), "a"))
				}
				created, err := s.db.CreateVideos(s.ctx, store.Creation{Videos: asked})
				made[i] = created.Videos
				return err
			})
		}
		s.must(g.Wait())
		s.wantVideos(lines)
		for i, rows := range made {
			for line, row := range rows {
				if same := made[0][(line+i*3)%lines]; row.ID != same.ID { // 7 * 3 is 1 modulo 20
					s.Errorf("creation %d has %s in line %d, want %s", i, row.ID, line, same.ID)
				}
			}
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
