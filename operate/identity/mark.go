package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"heyq/internal/fault"
	"heyq/store"
)

// Mark says whose a place is. The zero value is no one's.
type Mark struct {
	Installation uuid.UUID `json:"installation"`
	Home         string    `json:"home,omitempty"` // where its database is; empty: not known
	Generation   int64     `json:"generation"`     // of its database when this was written
}

// markOf is the mark of an installation where it is now.
func markOf(i store.Installation) Mark {
	return Mark{Installation: i.ID, Home: i.Here, Generation: i.Generation}
}

// Place is something beside the database that one installation has to itself.
type Place interface {
	// Name says what it is, and where: "Redis at redis://cache:6379".
	Name() string
	// Mark returns the mark that stands there, or the zero one.
	Mark(ctx context.Context) (Mark, error)
	// SetMark replaces it.
	SetMark(ctx context.Context, m Mark) error
}

// foreign is a fault.Conflict if a place that has this mark is not i's.
func foreign(i store.Installation, p Place, m Mark) error {
	copied := m.Home != "" && i.Here != "" && m.Home != i.Here
	switch {
	case m == Mark{}, m.Installation == i.ID && !copied:
		return nil
	case m.Installation == i.ID:
		return fault.New(fault.Conflict, "%s belongs to installation %s in the database %s, and this one, %s, is a copy of that database", p.Name(), i.ID, m.Home, i.Here).
			WithHint("leave production's Redis, media store and key to production; if that database is gone for good and this one goes on in its place, run `heyq adopt` once")
	}
	return fault.New(fault.Conflict, "%s belongs to installation %s, and this database is installation %s", p.Name(), m.Installation, i.ID).
		WithHint("give each heyq a media store of its own (HEYQ_MEDIA_URL) and a Redis, or a part of one, of its own (HEYQ_QUEUE_PREFIX); " +
			"if the other heyq is stopped for good and this one goes on in its place, run `heyq adopt` once")
}

// Encode returns the mark as Redis, the database and the media store keep it.
func (m Mark) Encode() []byte {
	text, _ := json.Marshal(m) // of an id, a text and a number: it cannot fail
	return append(text, '\n')
}

// Decode reads a mark. Text that is no mark gives the zero one, which is no one's: a
// file that a power cut emptied must not keep its owner out.
func Decode(text []byte) Mark {
	var m Mark
	if err := json.Unmarshal(text, &m); err != nil {
		return Mark{}
	}
	return m
}

// redisKey is the key in Redis that holds the mark.
const redisKey = "heyq:installation"

// redisPlace is a Redis, or the part of one that has a prefix of its own
// (HEYQ_QUEUE_PREFIX). It may lose its mark with everything else, at any moment.
type redisPlace struct {
	redis redis.UniversalClient
	name  string
}

// InRedis is the Place in the Redis that holds the tasks.
func InRedis(r redis.UniversalClient, name string) Place { return redisPlace{r, name} }

func (p redisPlace) Name() string { return "the Redis at " + p.name }

func (p redisPlace) Mark(ctx context.Context) (Mark, error) {
	text, err := p.redis.Get(ctx, redisKey).Bytes()
	if errors.Is(err, redis.Nil) {
		return Mark{}, nil
	}
	if err != nil {
		return Mark{}, fmt.Errorf("read the mark of %s: %w", p.Name(), err)
	}
	return Decode(text), nil
}

func (p redisPlace) SetMark(ctx context.Context, m Mark) error {
	return p.redis.Set(ctx, redisKey, m.Encode(), 0).Err()
}
