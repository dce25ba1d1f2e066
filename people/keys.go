package people

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/golang-lru/v2/expirable"

	"heyq/internal/check"
	"heyq/internal/fault"
	"heyq/internal/text"
	"heyq/store"
	"heyq/wire"
)

const (
	// keyMemory is how long a process believes what it read of a key: so long after a
	// revocation it may still let the key in.
	keyMemory = 1500 * time.Millisecond
	// mostRemembered bounds what strangers can have remembered, 100 bytes each.
	mostRemembered = 10_000
	keyPrefix      = "heyq_"
	// shownLetters of a key are readable, so that people tell keys apart; the rest has
	// 130 bits.
	shownLetters = 8
	useNoted     = 5 * time.Second // what noting a use may take
)

// Keys makes, finds and revokes keys. It is safe for concurrent use.
type Keys struct {
	store store.Keys
	known *expirable.LRU[[sha256.Size]byte, Caller] // the zero Caller: there is no such key
	aside *Aside
}

// NewKeys returns the keys of a store. Uses that could not be noted are counted by a; nil:
// they are not.
func NewKeys(s store.Keys, a *Aside) *Keys {
	return &Keys{store: s, aside: a, known: expirable.NewLRU[[sha256.Size]byte, Caller](mostRemembered, nil, keyMemory)}
}

// Create makes a key of the caller's, or of the user that one who manages people names. What is to be shown is returned this once, and
// kept nowhere. The error is a fault.Invalid that names every wrong field: a scope that
// there is not, or that is wider than the caller's.
func (k *Keys) Create(ctx context.Context, by Caller, n wire.NewKey) (made store.Key, secret string, err error) {
	if err := by.holdsNoKey(); err != nil {
		return store.Key{}, "", err
	}
	if err := validateKey(by, n); err != nil {
		return store.Key{}, "", err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return store.Key{}, "", err
	}
	shown := strings.ToLower(rand.Text()[:shownLetters])
	secret = keyPrefix + shown + "_" + rand.Text()
	user, _ := uuid.Parse(cmp.Or(n.UserID, by.User)) // Nil: the owner
	made, err = k.store.CreateKey(ctx, store.Key{
		ID: id, User: user, Name: n.Name, Shown: keyPrefix + shown, Scopes: n.Scopes, ExpiresAt: n.ExpiresAt,
	}, sha256.Sum256([]byte(secret)))
	return made, secret, err
}

// validateKey names every wrong field of a key.
func validateKey(by Caller, n wire.NewKey) error {
	f := check.New("the key is not valid")
	f.Line("name", n.Name, maxName)
	if strings.TrimSpace(n.Name) == "" && text.Unfit(n.Name, text.Line) == "" {
		f.Wrong("name", n.Name, "is blank; give one that says where the key is used")
	}
	if len(n.Scopes) == 0 {
		f.Wrong("scopes", nil, "is empty; give some of %s", check.Or(names(Scopes)))
	}
	for _, s := range n.Scopes {
		switch {
		case !slices.Contains(Scopes, Scope(s)):
			f.Wrong("scopes", s, "is no scope of a key; give some of %s", check.Or(names(Scopes)))
		case !by.May(Scope(s)):
			f.Wrong("scopes", s, "is wider than what you may do yourself; leave it out")
		}
	}
	if _, err := uuid.Parse(n.UserID); n.UserID != "" && n.UserID != by.User && (err != nil || !by.May(Manage)) {
		f.Wrong("user_id", n.UserID, "is no user that you may make a key for; leave it out")
	}
	if !n.ExpiresAt.IsZero() && !n.ExpiresAt.After(time.Now()) {
		f.Wrong("expires_at", n.ExpiresAt.Format(time.RFC3339), "is over; give a time to come, or none")
	}
	return f.Err()
}

func names(scopes []Scope) (list []string) {
	for _, s := range scopes {
		list = append(list, string(s))
	}
	return list
}

// Find returns who shows a key; ok is false if there is no such key, if it was revoked
// or has expired, or if its user is deactivated. An end is seen within two seconds.
func (k *Keys) Find(ctx context.Context, secret string) (c Caller, ok bool, err error) {
	if !strings.HasPrefix(secret, keyPrefix) || strings.Count(secret, "_") != 2 {
		return Caller{}, false, nil
	}
	sum := sha256.Sum256([]byte(secret))
	if c, remembered := k.known.Get(sum); remembered {
		return c, c.Role != "", nil
	}
	h, ok, err := k.store.FindKey(ctx, sum)
	if err != nil {
		return Caller{}, false, err
	}
	if ok {
		c = keyCaller(h)
		go k.note(context.WithoutCancel(ctx), h.ID)
	}
	k.known.Add(sum, c)
	return c, ok, nil
}

// Bearer is Find for a guard: who is a Caller, and nil if there is no such key.
func (k *Keys) Bearer(ctx context.Context, secret string) (who any, err error) {
	c, ok, err := k.Find(ctx, secret)
	if err != nil || !ok {
		return nil, err
	}
	return c, nil
}

func keyCaller(h store.KeyHolder) Caller {
	c := Owner()
	if h.User != uuid.Nil {
		c = Caller{User: h.User.String(), Name: h.Email, Role: h.Role}
	}
	c.Name += " by " + h.Shown
	c.Key = h.ID
	c.Scopes = []Scope{}
	for _, s := range h.Scopes {
		c.Scopes = append(c.Scopes, Scope(s))
	}
	return c
}

// note has the store write down that a key was used. What is lost of that is counted.
func (k *Keys) note(ctx context.Context, id uuid.UUID) {
	ctx, cancel := context.WithTimeout(ctx, useNoted)
	defer cancel()
	if err := k.store.UseKey(ctx, id); err != nil {
		k.aside.failed(keyUse, err, "the last use of a key could not be written; it is told as used earlier than it was")
	}
}

// List lists the keys that the caller sees, newest first.
func (k *Keys) List(ctx context.Context, by Caller) ([]store.Key, error) {
	return k.store.ListKeys(ctx, by.keys())
}

// ListOwn lists the caller's own keys, newest first, also of one who sees those of all.
func (k *Keys) ListOwn(ctx context.Context, by Caller) ([]store.Key, error) {
	if by.Role == "" {
		return nil, nil
	}
	return k.store.ListKeys(ctx, store.Only(by.User))
}

// Revoke ends a key for good, in all processes within two seconds.
func (k *Keys) Revoke(ctx context.Context, by Caller, id uuid.UUID) (store.Key, error) {
	if err := by.holdsNoKey(); err != nil {
		return store.Key{}, err
	}
	revoked, err := k.store.RevokeKey(ctx, by.keys(), id)
	if err == nil {
		k.known.Purge()
	}
	return revoked, err
}

// RevokePresent ends the key that the caller shows, for good: what it may do is no more
// than before. A fault.Conflict: the caller shows none.
func (k *Keys) RevokePresent(ctx context.Context, by Caller) (store.Key, error) {
	if by.Key == uuid.Nil {
		return store.Key{}, fault.New(fault.Conflict, "the request shows no key").WithHint("show the key that is to end")
	}
	revoked, err := k.store.RevokeKey(ctx, store.Only(by.User), by.Key)
	if err == nil {
		k.known.Purge()
	}
	return revoked, err
}

// holdsNoKey refuses who shows a key: it could make another that outlives it, and end
// those of its user that may do more.
func (c Caller) holdsNoKey() error {
	if c.Scopes == nil {
		return nil
	}
	return fault.New(fault.Forbidden, "a key makes and revokes no keys").WithHint("show the operator token")
}

// keys says whose keys the caller sees: its own, or all if it manages people.
func (c Caller) keys() store.Viewer {
	if c.May(Manage) {
		return store.Everyone()
	}
	if c.Role == "" {
		return store.Viewer{}
	}
	return store.Only(c.User)
}
