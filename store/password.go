package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"heyq/internal/fault"
)

// LinkKind says what a link is for.
type LinkKind string

// The kinds of links. Both set a password; they differ in what the user is told.
const (
	Invite LinkKind = "invite"
	Reset  LinkKind = "reset"
)

// LinkKinds lists every kind.
var LinkKinds = []LinkKind{Invite, Reset}

// LinkLife is how long a link may be used.
const LinkLife = 72 * time.Hour

// Link lets a user set a password, once. The store knows the SHA-256 of what is shown,
// and not that itself.
type Link struct {
	User      uuid.UUID
	Kind      LinkKind
	ExpiresAt time.Time
}

// Passwords are what lets people in. The store knows hashes, and not the passwords.
type Passwords interface {
	// FindPassword returns the active user of an e-mail in any case, with the hash of its
	// password; an empty one: it has none. ok is false if there is no such user, or if it
	// is deactivated.
	FindPassword(ctx context.Context, email string) (u User, hash string, ok bool, err error)
	// SetPassword sets a user's password. The user's open link is void from then on, and
	// its PasswordSetAt is later than it was. A fault.NotFound: there is no such user.
	SetPassword(ctx context.Context, user uuid.UUID, hash string) (User, error)
	// CreateLink makes a link that has that sum, in place of the one that the user had. A
	// fault.NotFound: there is no such user; a fault.Conflict: it is deactivated.
	CreateLink(ctx context.Context, user uuid.UUID, kind LinkKind, sum [32]byte) (Link, error)
	// FindLink returns the user of a link that may be used now. ok is false if there is
	// none, if it was used or has expired, or if its user is deactivated.
	FindLink(ctx context.Context, sum [32]byte) (u User, ok bool, err error)
	// UseLink is FindLink that sets the user's password and uses the link up, both or
	// none. Of many at once for one link, one has ok.
	UseLink(ctx context.Context, sum [32]byte, hash string) (u User, ok bool, err error)
}

// ErrDeactivated says that a user may do nothing now.
func ErrDeactivated(id uuid.UUID) error {
	return fault.New(fault.Conflict, "the user %s is deactivated", id).WithHint("make it active first")
}
