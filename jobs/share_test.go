package jobs_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"heyq/internal/fault"
	"heyq/jobs"
	"heyq/store"
)

// commits is a store that creates at the pace of its commits.
type commits struct {
	store.Store
	takes time.Duration
	away  bool

	mu    sync.Mutex
	sizes []int
}

func (c *commits) CreateVideos(_ context.Context, n store.Creation) (store.Created, error) {
	time.Sleep(c.takes)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sizes = append(c.sizes, len(n.Videos))
	if c.away {
		return store.Created{}, fault.New(fault.Unavailable, "the database is away")
	}
	var created store.Created
	for _, v := range slices.Backward(n.Videos) {
		if v.Title == "bad" {
			return store.Created{}, errors.New("it is bad")
		}
		created.Videos = append(created.Videos, store.Video{ID: v.ID, Title: v.Title})
	}
	return created, nil
}

func titled(title string) jobs.NewVideo {
	return jobs.NewVideo{Title: title, Render: jobs.Render{Script: "Hello", AvatarID: "avatar_1", VoiceID: "voice_1"}}
}

func TestClient_shares_commits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db := &commits{takes: time.Second}
		c := jobs.NewClient(db, jobs.WithSharedCommits())
		var all sync.WaitGroup
		for _, title := range []string{"first", "a", "b", "bad", "c"} {
			all.Go(func() {
				v, err := c.CreateVideo(t.Context(), titled(title))
				if (err != nil) != (title == "bad") || err == nil && v.Title != title {
					t.Errorf("%s: got %q, %v", title, v.Title, err)
				}
			})
			synctest.Wait()
		}
		all.Wait()
		// The first one alone; the others together, and each by itself as one of them is bad.
		if want := []int{1, 4, 1, 1, 1, 1}; !slices.Equal(db.sizes, want) {
			t.Errorf("commits of %v videos, want %v", db.sizes, want)
		}
	})
}

// What another caller has, or might have to wait for, is not shared.
func TestClient_shares_no_commit_under_a_key(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db := &commits{takes: time.Second}
		c := jobs.NewClient(db, jobs.WithSharedCommits())
		began := time.Now()
		var all sync.WaitGroup
		for _, key := range []string{"a", "b"} {
			v := titled(key)
			v.IdempotencyKey = key
			all.Go(func() { _, _ = c.CreateVideo(t.Context(), v) })
			all.Go(func() { _, _ = c.CreateVideos(t.Context(), []jobs.NewVideo{titled("one"), titled("two")}) })
		}
		all.Wait()
		if took := time.Since(began); took != time.Second {
			t.Errorf("it took %s, and none has to wait for another", took)
		}
	})
}

// A database that is away lets nobody wait for it twice.
func TestClient_tells_all_that_wait_that_the_database_is_away(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db := &commits{takes: time.Second, away: true}
		c := jobs.NewClient(db, jobs.WithSharedCommits())
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				began := time.Now()
				_, err := c.CreateVideo(t.Context(), titled("a"))
				if took := time.Since(began); fault.CodeOf(err) != fault.Unavailable || took > time.Second {
					t.Errorf("got %v after %s", err, took)
				}
			})
			time.Sleep(time.Millisecond)
		}
		all.Wait()
		if len(db.sizes) != 1 {
			t.Errorf("the database was asked %d times, want once", len(db.sizes))
		}
		db.away = false
		if _, err := c.CreateVideo(t.Context(), titled("later")); err != nil {
			t.Error(err)
		}
	})
}
