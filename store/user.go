package store

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"heyq/internal/fault"
)

// Role is what a user may do. The rooms above say what that is.
type Role string

// The roles, from the one that may do everything to the one that only looks.
const (
	RoleOwner    Role = "owner"    // everything
	RoleOperator Role = "operator" // queues, jobs, alerts, admission
	RoleManager  Role = "manager"  // the videos of all users, and what they cost
	RoleMember   Role = "member"   // its own videos
	RoleViewer   Role = "viewer"   // looks at what it is shown
)

// Roles lists every role.
var Roles = []Role{RoleOwner, RoleOperator, RoleManager, RoleMember, RoleViewer}

// User is a person who has videos. The holder of the operator token needs no row: it is
// DefaultUser.
type User struct {
	ID            uuid.UUID
	Email         string // as it was given; unique without regard to case
	Role          Role
	Profile       Profile
	CreatedAt     time.Time
	UpdatedAt     time.Time
	DeactivatedAt time.Time // zero: the user is active
	PasswordSetAt time.Time // zero: the user has no password. Only Passwords writes it
}

// Name is how others read of the user: its first and last name, or the e-mail.
func (u User) Name() string {
	return cmp.Or(strings.TrimSpace(u.Profile.FirstName+" "+u.Profile.LastName), u.Email)
}

// Profile is what a user says of itself.
type Profile struct {
	FirstName string
	LastName  string
	Bio       string
	AvatarURL string // an https link; empty: none. heyq never fetches it
	TimeZone  string // a name of the IANA database
}

// UserFilter narrows a listing of users. The zero value lists all.
type UserFilter struct {
	Search string    // a part of the name or the e-mail, in any case; empty: all
	Behind uuid.UUID // only those that follow this one in the listing; Nil: from the beginning
}

// LeftVideos is what becomes of the videos of a user that is deleted.
type LeftVideos string

const (
	// KeepVideos makes them DefaultUser's.
	KeepVideos LeftVideos = "keep"
	// DeleteVideos cancels in the same transaction what has not ended, tells no receiver of
	// it, and leaves all of them to Housekeeping.RemoveDeparted: they are DepartedUser's.
	DeleteVideos LeftVideos = "delete"
)

// DepartedUser owns the videos that are to be removed since their user was deleted.
const DepartedUser = "heyq:departed"

// Users are the people who have videos, each with one profile.
type Users interface {
	// CreateUser inserts a user and its profile, both or none. A fault.Conflict: the
	// e-mail is another user's.
	CreateUser(ctx context.Context, u User) (User, error)
	// User returns one user, or a fault.NotFound.
	User(ctx context.Context, id uuid.UUID) (User, error)
	// UserByEmail returns the user of an e-mail in any case, or a fault.NotFound.
	UserByEmail(ctx context.Context, email string) (User, error)
	// UpdateUser lets change work on the user as it is now, and writes what comes of it
	// in the same transaction. An error of change is returned, and nothing is written.
	// A fault.Conflict: the e-mail is another user's.
	UpdateUser(ctx context.Context, id uuid.UUID, change func(u *User) error) (User, error)
	// Users lists newest first. The total counts MostCounted at most, and one more if
	// there are more.
	Users(ctx context.Context, f UserFilter, p Page) (list []User, total int, err error)
	// DeleteUser forgets a user and its profile, with all that is its own. A
	// fault.NotFound: there is no such user.
	DeleteUser(ctx context.Context, id uuid.UUID, left LeftVideos) error
}

// ErrNoUser says that there is no such user.
func ErrNoUser(id uuid.UUID) error {
	return fault.New(fault.NotFound, "there is no user %s", id).WithAdvice(fault.ListUsers, "")
}

// ErrEmailTaken says that two users would have one e-mail.
func ErrEmailTaken(email string) error {
	return fault.New(fault.Conflict, "the e-mail is another user's; nothing was changed").
		WithField("email", email, "is another user's; give another one, or change that user")
}

// ErrNoUserOf returns the error that no user has this e-mail address.
func ErrNoUserOf(email string) error {
	return fault.New(fault.NotFound, "there is no user with the e-mail %.254s", email).WithAdvice(fault.ListUsers, "")
}
