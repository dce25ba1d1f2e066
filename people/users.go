package people

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"heyq/internal/fault"
	"heyq/store"
	"heyq/wire"
)

// Users makes, changes and finds users. It is safe for concurrent use.
type Users struct {
	store Store
	cache *cache
}

// Store is what is kept of users.
type Store interface {
	store.Users
	store.NotifySecrets
}

// NewUsers returns the users of a store. What is read of them is kept in Redis for a
// while; without it (nil) each read asks the store. Changes that Redis could not be told
// of are counted by a; nil: they are not.
func NewUsers(s Store, r redis.UniversalClient, a *Aside) *Users {
	return &Users{store: s, cache: newCache(r, a)}
}

// Create makes a user with its profile, both or none. The error is a fault.Invalid that
// names every wrong field, or a fault.Conflict if the e-mail is another user's.
func (u *Users) Create(ctx context.Context, c wire.UserChange) (store.User, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return store.User{}, err
	}
	created := store.User{ID: id, Role: store.RoleMember, Profile: store.Profile{TimeZone: "UTC"}}
	apply(&created, c)
	if err := validate(created); err != nil {
		return store.User{}, err
	}
	return u.store.CreateUser(ctx, created)
}

// Get returns one user, as it was ten minutes ago at most if another process could not
// tell Redis of a change, and else as it is.
func (u *Users) Get(ctx context.Context, id uuid.UUID) (store.User, error) {
	return u.cache.get(ctx, id, func(ctx context.Context) (store.User, error) { return u.store.User(ctx, id) })
}

// ByEmail returns the user of an e-mail in any case, or a fault.NotFound.
func (u *Users) ByEmail(ctx context.Context, email string) (store.User, error) {
	return u.store.UserByEmail(ctx, email)
}

// Own returns the user that the caller is. A key is not enough for what the words say,
// such as "changes no profile", and the holder of the operator token is no user.
func (u *Users) Own(ctx context.Context, by Caller, words string) (store.User, error) {
	if by.Scopes != nil {
		return store.User{}, fault.New(fault.Forbidden, "a key %s", words).WithHint("log in, and do it there")
	}
	id, err := uuid.Parse(by.User)
	if err != nil {
		return store.User{}, fault.New(fault.Conflict, "the operator token is no user's, and so it has no profile and no password").
			WithHint("log in as a user")
	}
	return u.Get(ctx, id)
}

// List lists users, newest first.
func (u *Users) List(ctx context.Context, f store.UserFilter, p store.Page) (list []store.User, total int, err error) {
	return u.store.Users(ctx, f, p)
}

// Update changes what c names of a user and its profile, all of it or nothing.
func (u *Users) Update(ctx context.Context, id uuid.UUID, c wire.UserChange) (store.User, error) {
	var changed store.User
	err := u.cache.around(ctx, id, func() (err error) {
		changed, err = u.store.UpdateUser(ctx, id, func(now *store.User) error {
			apply(now, c)
			return validate(*now)
		})
		return err
	})
	return changed, err
}

// Delete forgets a user and its profile, and keeps its videos or has them removed.
func (u *Users) Delete(ctx context.Context, id uuid.UUID, left store.LeftVideos) error {
	return u.cache.around(ctx, id, func() error { return u.store.DeleteUser(ctx, id, left) })
}

// apply sets what c names.
func apply(u *store.User, c wire.UserChange) {
	set(&u.Email, c.Email)
	set(&u.Role, c.Role)
	set(&u.Profile.FirstName, c.FirstName)
	set(&u.Profile.LastName, c.LastName)
	set(&u.Profile.Bio, c.Bio)
	set(&u.Profile.AvatarURL, c.AvatarURL)
	set(&u.Profile.TimeZone, c.TimeZone)
	if c.Active != nil {
		u.DeactivatedAt = time.Time{}
		if !*c.Active {
			u.DeactivatedAt = time.Now() // the store keeps its own time, and an earlier one
		}
	}
}

func set[T any](to, given *T) {
	if given != nil {
		*to = *given
	}
}
