package callback

import (
	"context"
	"errors"
	"sync"
	"time"
)

// How long secrets are good for. A delivery that fits none of them asks for
// newer ones, since somebody may just have registered; forged ones make that
// one question a second and no more.
const (
	keyringLife   = 30 * time.Second
	leastLife     = time.Second
	loadPatience  = 10 * time.Millisecond // of a delivery, for newer secrets
	firstPatience = 2 * time.Second       // and for the first ones: without any, nothing can be told from a forgery
	loadTimeout   = 5 * time.Second
)

// Keyring holds the secrets that deliveries may be signed with. It is safe for
// concurrent use.
type Keyring struct {
	load func(context.Context) ([]string, error)

	mu      sync.Mutex
	ring    ring
	at      time.Time     // when the last load began
	loading chan struct{} // closed when it has ended; nil: none is under way
}

// ring is what one load brought.
type ring struct {
	number  int
	secrets []string
}

// NewKeyring returns a keyring that load fills. Where load fails, the secrets
// stay as they were.
func NewKeyring(load func(context.Context) ([]string, error)) *Keyring {
	return &Keyring{load: load}
}

// ErrLocked says that the secrets could not be had yet: the delivery may be
// HeyGen's own.
var ErrLocked = errors.New("the secrets cannot be read")

// Verify returns ErrForged unless the stamp is that of body under a secret, and
// ErrLocked where nobody can tell.
func (k *Keyring) Verify(ctx context.Context, s Stamp, body []byte) error {
	known := k.get(ctx, keyringLife)
	if s.fits(body, known.secrets) {
		return nil
	}
	newer := k.get(ctx, leastLife)
	if newer.number > known.number && s.fits(body, newer.secrets) {
		return nil
	}
	if newer.number == 0 {
		return ErrLocked
	}
	return ErrForged
}

// get returns the secrets, no older than life if they can be had at once. Those
// who come while they are loaded share that load.
func (k *Keyring) get(ctx context.Context, life time.Duration) ring {
	k.mu.Lock()
	if k.loading == nil && time.Since(k.at) >= life {
		k.at, k.loading = time.Now(), make(chan struct{})
		go k.refresh(context.WithoutCancel(ctx), k.loading)
	}
	loading, wait := k.loading, loadPatience
	if k.ring.number == 0 {
		wait = firstPatience
	}
	k.mu.Unlock()
	if loading != nil {
		patience := time.NewTimer(wait)
		defer patience.Stop()
		select {
		case <-loading:
		case <-patience.C:
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.ring
}

func (k *Keyring) refresh(ctx context.Context, done chan struct{}) {
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	secrets, err := k.load(ctx)
	k.mu.Lock()
	defer k.mu.Unlock()
	if err == nil {
		k.ring = ring{k.ring.number + 1, secrets}
	}
	k.loading = nil
	close(done)
}
