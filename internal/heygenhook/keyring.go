package heygenhook

import (
	"context"
	"errors"
	"time"

	"heyq/internal/ttlcache"
)

// How long secrets are good for. If a delivery fits none of them they are loaded anew,
// since an endpoint may just have been registered. Forged deliveries cause one load a
// second at most.
const (
	keyringLife   = 30 * time.Second
	leastLife     = time.Second
	loadPatience  = 10 * time.Millisecond // of a delivery, for newer secrets
	firstPatience = 2 * time.Second       // and for the first ones: without any, nothing can be told from a forgery
	loadTimeout   = 5 * time.Second
)

// Keyring holds the secrets that deliveries may be signed with. It is safe for
// concurrent use.
type Keyring struct{ rings *ttlcache.Value[ring] }

// ring holds the secrets that were loaded last.
type ring struct {
	number  int // 0: none has succeeded yet
	secrets []string
}

// NewKeyring returns a keyring that gets its secrets from load. If load fails, the
// keyring keeps the secrets that it had, and counts them as just loaded.
func NewKeyring(load func(context.Context) ([]string, error)) *Keyring {
	var last ring
	return &Keyring{ttlcache.New(keyringLife, loadTimeout, func(ctx context.Context) (ring, error) {
		if secrets, err := load(ctx); err == nil {
			last = ring{last.number + 1, secrets}
		}
		return last, nil
	})}
}

// ErrLocked says that no secrets could be loaded yet, so a delivery of HeyGen's
// own cannot be told from a forgery.
var ErrLocked = errors.New("the secrets cannot be read")

// Verify returns ErrForged unless the stamp is that of body under a secret, and
// ErrLocked if that cannot be told.
func (k *Keyring) Verify(ctx context.Context, s Stamp, body []byte) error {
	known := k.get(ctx, keyringLife)
	if s.fits(body, known.secrets) {
		return nil
	}
	newer := k.get(ctx, leastLife)
	switch {
	case newer.number == 0:
		return ErrLocked
	case newer.number > known.number && s.fits(body, newer.secrets):
		return nil
	}
	return ErrForged
}

// get returns the secrets, no older than life if they can be had soon.
func (k *Keyring) get(ctx context.Context, life time.Duration) (r ring) {
	for _, patience := range []time.Duration{loadPatience, firstPatience} {
		if r.number == 0 {
			patient, cancel := context.WithTimeout(ctx, patience)
			r, _ = k.rings.Younger(patient, life)
			cancel()
		}
	}
	return r
}
