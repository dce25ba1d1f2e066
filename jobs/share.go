package jobs

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"heyq/internal/batcher"
	"heyq/internal/fault"
	"heyq/store"
)

// mostShared is how many videos share a commit.
const mostShared = 100

// shared lets concurrent callers who ask for one video each share a statement and a
// commit. Each is accepted or refused by itself all the same.
type shared struct {
	creates *batcher.Batcher[asked, store.Video, uuid.UUID]

	mu     sync.Mutex
	failed time.Time // when the database was last away
	err    error
}

// asked is a video, and since when it is asked for.
type asked struct {
	store.NewVideo
	since time.Time
}

func newShared(s rows) *shared {
	c := &shared{}
	c.creates = batcher.New(mostShared, func(ctx context.Context, list []asked) ([]store.Video, error) { return c.flush(ctx, s, list) },
		func(a asked) uuid.UUID { return a.ID }, func(v store.Video) uuid.UUID { return v.ID },
		func(err error) bool { return fault.CodeOf(err) != fault.Unavailable }) // one video can be to blame
	return c
}

// takes reports whether a creation can share: it is one video, without a key that would
// have it wait for another caller's transaction.
func (c *shared) takes(n store.Creation) bool {
	return c != nil && n.Once == nil && len(n.Videos) == 1 && n.Videos[0].Key == ""
}

func (c *shared) create(ctx context.Context, v store.NewVideo) (store.Created, error) {
	video, ok, err := c.creates.Do(ctx, asked{v, time.Now()})
	if err == nil && !ok {
		err = fault.New(fault.Internal, "the database took the video and does not tell it")
	}
	if err != nil {
		return store.Created{}, err
	}
	return store.Created{Videos: []store.Video{video}}, nil
}

// flush creates what was asked for since the flush before. If that one found the database
// away, those who have waited for it are told so at once: to ask again for them would
// have them wait twice as long as anybody else.
func (c *shared) flush(ctx context.Context, s rows, list []asked) ([]store.Video, error) {
	c.mu.Lock()
	failed, err := c.failed, c.err
	c.mu.Unlock()
	if list[0].since.Before(failed) {
		return nil, err
	}
	videos := make([]store.NewVideo, len(list))
	for i, a := range list {
		videos[i] = a.NewVideo
	}
	created, err := s.CreateVideos(ctx, store.Creation{Videos: videos})
	if fault.CodeOf(err) == fault.Unavailable {
		c.mu.Lock()
		c.failed, c.err = time.Now(), err
		c.mu.Unlock()
	}
	return created.Videos, err
}
