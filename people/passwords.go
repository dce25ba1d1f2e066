package people

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"golang.org/x/text/unicode/norm"

	"heyq/internal/auth"
	"heyq/internal/check"
	"heyq/internal/fault"
	"heyq/store"
)

// Passwords let people in. It is safe for concurrent use.
type Passwords struct {
	store    store.Passwords
	users    *Users
	hasher   *hasher
	attempts attempts
	nobodys  func() string // what a password is compared with if its e-mail is no user's
	logins   *auth.Logins
}

// NewPasswords returns the passwords of users, with the logins that a change of one ends.
// Attempts are counted in Redis.
func NewPasswords(s store.Passwords, u *Users, l *auth.Logins, r redis.UniversalClient) *Passwords {
	return &Passwords{store: s, users: u, hasher: newHasher(), attempts: attempts{r}, nobodys: sync.OnceValue(ofNobody), logins: l}
}

// Check returns the active user of an e-mail and a password. It computes one hash whether
// there is such a user or not, and whether the user has a password or not. A wait above
// zero says that too many were wrong: then nothing was compared.
func (p *Passwords) Check(ctx context.Context, email, password string) (u store.User, ok bool, wait time.Duration, err error) {
	if wait, err = p.attempts.note(ctx, email); err != nil || wait > 0 {
		return store.User{}, false, wait, err
	}
	u, hash, _, err := p.store.FindPassword(ctx, email)
	if err != nil {
		return store.User{}, false, 0, err
	}
	known := hash != ""
	if !known {
		hash = p.nobodys()
	}
	same, err := p.hasher.matches(ctx, hash, normal(password))
	if err != nil || !known || !same {
		return store.User{}, false, 0, err
	}
	p.attempts.forget(ctx, email)
	return u, true, 0, nil
}

// normal is a password as it is hashed: keyboards compose the same letters differently.
func normal(password string) string { return norm.NFKC.String(password) }

// Link makes a link by which a user sets its password, once. What it shows is returned this
// once, and kept nowhere. The one that the user had is void.
func (p *Passwords) Link(ctx context.Context, user uuid.UUID, kind store.LinkKind) (l store.Link, token string, err error) {
	f := check.New("the link is not valid")
	kinds := make([]string, len(store.LinkKinds))
	for i, k := range store.LinkKinds {
		kinds[i] = string(k)
	}
	f.OneOf("kind", string(kind), kinds)
	if err := f.Err(); err != nil {
		return store.Link{}, "", err
	}
	if kind == "" {
		kind = store.Invite
	}
	token = rand.Text()
	l, err = p.store.CreateLink(ctx, user, kind, sha256.Sum256([]byte(token)))
	return l, token, err
}

// Use sets the password of a link's user, and ends all of the user's logins. The error is a
// fault.Invalid that says what is wrong with the token or the password; then the link stays
// as it was.
func (p *Passwords) Use(ctx context.Context, token, password string) error {
	sum := sha256.Sum256([]byte(token))
	u, ok, err := p.store.FindLink(ctx, sum)
	switch {
	case err != nil:
		return err
	case !ok: // and nothing is hashed for a stranger
		return errNoLink()
	}
	hash, err := p.hash(ctx, "password", password, u.Email)
	if err != nil {
		return err
	}
	return p.change(ctx, u.ID, "", func() (store.User, error) {
		changed, ok, err := p.store.UseLink(ctx, sum, hash)
		if err == nil && !ok {
			err = errNoLink()
		}
		return changed, err
	})
}

func errNoLink() error {
	return fault.New(fault.Invalid, "the link is not valid").
		WithField("token", nil, "was used, is older than %d hours, or never was one; ask an owner of this heyq for another link", int(store.LinkLife.Hours()))
}

// Set sets the caller's own password, and ends all logins of the caller but the one with
// the id keep. Who has a password already gives it as current.
func (p *Passwords) Set(ctx context.Context, by Caller, current, password, keep string) error {
	u, err := p.users.Own(ctx, by, "sets no password")
	if err != nil {
		return err
	}
	if !u.PasswordSetAt.IsZero() {
		_, ok, wait, err := p.Check(ctx, u.Email, current)
		switch {
		case err != nil:
			return err
		case wait > 0:
			return fault.New(fault.Unavailable, "too many wrong passwords were tried").WithHint("try again in %s", wait.Round(time.Second))
		case !ok:
			return fault.New(fault.Invalid, "the password was not changed").WithField("current", nil, "is not your password; give the one that you log in with")
		}
	}
	hash, err := p.hash(ctx, "new", password, u.Email)
	if err != nil {
		return err
	}
	return p.change(ctx, u.ID, keep, func() (store.User, error) { return p.store.SetPassword(ctx, u.ID, hash) })
}

// change has a password changed. A user that is read from then on has the new mark, and so
// older logins are over, even if they cannot be ended one by one.
func (p *Passwords) change(ctx context.Context, id uuid.UUID, keep string, change func() (store.User, error)) error {
	var u store.User
	err := p.users.cache.around(ctx, id, func() (err error) {
		u, err = change()
		return err
	})
	if err == nil {
		_, _ = p.logins.EndOthers(ctx, holderOf(u), keep)
	}
	return err
}

// The bounds of a password, in characters (NIST SP 800-63B).
const (
	minPassword = 12
	maxPassword = 200
)

// hash says what is wrong with a password, or returns its hash.
func (p *Passwords) hash(ctx context.Context, field, password, email string) (string, error) {
	f := check.New("the password is not valid")
	folded := strings.ToLower(normal(password))
	name, _, _ := strings.Cut(strings.ToLower(email), "@")
	n := utf8.RuneCountInString(password)
	switch {
	case !utf8.ValidString(password):
		f.Unreadable(field)
	case n < minPassword || n > maxPassword:
		f.Wrong(field, nil, "has %d characters; give %d to %d of any kind", n, minPassword, maxPassword)
	case folded == strings.ToLower(normal(email)) || folded == name:
		f.Wrong(field, nil, "is your e-mail, which is tried first; give another one")
	case commonest[folded]:
		f.Wrong(field, nil, "is among the commonest, which are tried first; give another one")
	}
	if err := f.Err(); err != nil {
		return "", err
	}
	return p.hasher.hash(ctx, normal(password))
}
