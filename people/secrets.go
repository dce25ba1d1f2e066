package people

import (
	"cmp"
	"context"

	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/internal/notify"
	"heyq/store"
)

// Secret returns what signs the notifications of a user's videos: the caller's own (user
// is empty), or that of a user whom one who manages people names. It is made if there is
// none yet. A fault.Conflict: DefaultUser's is configured, and not kept here.
func (u *Users) Secret(ctx context.Context, by Caller, user string) (store.NotifySecret, error) {
	id, err := secretOf(by, user)
	if err != nil {
		return store.NotifySecret{}, err
	}
	return u.store.NotifySecret(ctx, id, notify.NewSecret())
}

// RotateSecret makes another secret, as Secret finds it. The one before signs as well for
// a day. A fault.Conflict: it does so already.
func (u *Users) RotateSecret(ctx context.Context, by Caller, user string) (store.NotifySecret, error) {
	id, err := secretOf(by, user)
	if err != nil {
		return store.NotifySecret{}, err
	}
	return u.store.RotateNotifySecret(ctx, id, notify.NewSecret())
}

// secretOf says whose secret the caller means. Another's is not there for it, nor is
// another user.
func secretOf(by Caller, user string) (uuid.UUID, error) {
	user = cmp.Or(user, by.User)
	if user == store.DefaultUser && by.User == user {
		return uuid.Nil, fault.New(fault.Conflict, "the secret of videos that are no user's is configured, and not kept here").
			WithHint("it is HEYQ_NOTIFY_SECRET, or the file notify-secret in heyq's data folder")
	}
	id, err := uuid.Parse(user)
	if err != nil || len(user) != len(uuid.Nil.String()) || user != by.User && !by.May(Manage) {
		return uuid.Nil, fault.New(fault.NotFound, "there is no user %.100s", user).WithAdvice(fault.ListUsers, "")
	}
	return id, nil
}
