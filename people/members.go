package people

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"heyq/internal/auth"
	"heyq/internal/fault"
	"heyq/store"
)

// Members are the users, as a guard asks for them.
type Members struct {
	Users     *Users
	Passwords *Passwords
}

// Who implements auth.Users. It returns a Caller: the user as it is now. A login is over if
// the user is deactivated or deleted, or has another password than when the login began.
func (m Members) Who(ctx context.Context, h auth.Holder) (any, error) {
	id, err := uuid.Parse(h.User)
	if err != nil {
		return nil, nil
	}
	u, err := m.Users.Get(ctx, id)
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Code == fault.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if c := As(u); c.Role != "" && holderOf(u) == h {
		return c, nil
	}
	return nil, nil
}

// ByEmail implements auth.Users.
func (m Members) ByEmail(ctx context.Context, email string) (who any, h auth.Holder, err error) {
	if !utf8.ValidString(email) || strings.ContainsRune(email, 0) { // no database takes it
		return nil, auth.Holder{}, nil
	}
	u, err := m.Users.ByEmail(ctx, email)
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Code == fault.NotFound {
		return nil, auth.Holder{}, nil
	}
	if err != nil {
		return nil, auth.Holder{}, err
	}
	if c := As(u); c.Role != "" {
		return c, holderOf(u), nil
	}
	return nil, auth.Holder{}, nil
}

// CallerOf says who sends a request that the guard let through.
func CallerOf(ctx context.Context) Caller {
	c, _ := auth.Who(ctx).(Caller)
	return c
}

// CallerAgain asks anew who sends a request that goes on for long.
func CallerAgain(ctx context.Context) (Caller, error) {
	who, err := auth.Again(ctx)
	c, _ := who.(Caller)
	return c, err
}

// Check implements auth.Users.
func (m Members) Check(ctx context.Context, email, password string) (h auth.Holder, ok bool, wait time.Duration, err error) {
	u, ok, wait, err := m.Passwords.Check(ctx, email, password)
	if err != nil || !ok {
		return auth.Holder{}, false, wait, err
	}
	return holderOf(u), true, 0, nil
}

// SetPassword implements auth.Users.
func (m Members) SetPassword(ctx context.Context, link, password string) (wrong string, err error) {
	err = m.Passwords.Use(ctx, link, password)
	if f, ok := errors.AsType[*fault.Error](err); ok && (f.Code == fault.Invalid || f.Code == fault.Malformed) && len(f.Fields) > 0 {
		subject := "the password "
		if f.Fields[0].Name == "token" {
			subject = "the link "
		}
		return subject + f.Fields[0].Message, nil
	}
	return "", err
}

// holderOf is a user as a login remembers it. The mark is another one after each change of
// the password, and tells nothing of it.
func holderOf(u store.User) auth.Holder {
	h := auth.Holder{User: u.ID.String()}
	if !u.PasswordSetAt.IsZero() {
		h.Mark = u.PasswordSetAt.UTC().Format(time.RFC3339Nano)
	}
	return h
}
