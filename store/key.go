package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"heyq/internal/fault"
)

// Key lets a program in, in the name of a user. The store knows the SHA-256 of what is
// shown, and not that itself.
type Key struct {
	ID        uuid.UUID
	User      uuid.UUID // whose key it is; Nil: DefaultUser's
	Name      string    // for people
	Shown     string    // its beginning, which is no secret
	Scopes    []string
	CreatedAt time.Time
	ExpiresAt time.Time // zero: never
	UsedAt    time.Time // of the last use, within a minute; zero: never
	RevokedAt time.Time // zero: it was not
}

// KeyHolder is a key that may be used now, with the user as it is now.
type KeyHolder struct {
	Key
	Email string // empty: DefaultUser
	Role  Role
}

// Keys are the keys of users.
type Keys interface {
	// CreateKey inserts a key that has that sum. A fault.NotFound: there is no such user.
	CreateKey(ctx context.Context, k Key, sum [32]byte) (Key, error)
	// FindKey returns the key of a sum, with its user. ok is false if there is none, if it
	// was revoked or has expired, or if its user is deactivated.
	FindKey(ctx context.Context, sum [32]byte) (h KeyHolder, ok bool, err error)
	// UseKey notes that a key was used now, unless it was noted within the last minute.
	UseKey(ctx context.Context, id uuid.UUID) error
	// ListKeys lists a viewer's keys, newest first, a thousand at most.
	ListKeys(ctx context.Context, w Viewer) ([]Key, error)
	// RevokeKey ends a key of a viewer's for good, and does nothing to one that was. A
	// fault.NotFound: there is none.
	RevokeKey(ctx context.Context, w Viewer, id uuid.UUID) (Key, error)
}

// MostKeys is how many keys are listed.
const MostKeys = 1000

// ErrNoKey says that there is no such key.
func ErrNoKey(id uuid.UUID) error {
	return fault.New(fault.NotFound, "there is no key %s", id).WithAdvice(fault.ListKeys, "")
}
