package heygenhook_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"heyq/internal/heygenhook"
)

// source is where secrets are kept.
type source struct {
	mu      sync.Mutex
	secrets []string
	err     error
	slow    time.Duration
	loads   int
}

func (s *source) load(ctx context.Context) ([]string, error) {
	s.mu.Lock()
	s.loads++
	secrets, err, slow := s.secrets, s.err, s.slow
	s.mu.Unlock()
	select {
	case <-time.After(slow):
		return secrets, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *source) set(secrets ...string) { s.fails(nil, 0, secrets...) }

// fails makes every load take slow and answer err.
func (s *source) fails(err error, slow time.Duration, secrets ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err, s.slow, s.secrets = err, slow, secrets
}

const body = `{"event_type":"x"}`

func verify(t *testing.T, k *heygenhook.Keyring, secret string) error {
	t.Helper()
	stamp, err := heygenhook.ReadStamp(http.Header{"Signature": {signed(body, secret)}}, now)
	if err != nil {
		t.Fatal(err)
	}
	return k.Verify(t.Context(), stamp, []byte(body))
}

func wantVerified(t *testing.T, k *heygenhook.Keyring, secret string, want error) {
	t.Helper()
	if err := verify(t, k, secret); !errors.Is(err, want) {
		t.Fatalf("%s: got %v, want %v", secret, err, want)
	}
}

func TestKeyring_follows_its_source(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &source{secrets: []string{"a"}}
		k := heygenhook.NewKeyring(s.load)
		wantVerified(t, k, "a", nil)
		s.set("a", "b")
		time.Sleep(time.Second)
		wantVerified(t, k, "b", nil) // asked for at once, since it was not known
		s.set("b")
		time.Sleep(29 * time.Second)
		wantVerified(t, k, "a", nil)
		time.Sleep(time.Second)
		wantVerified(t, k, "a", heygenhook.ErrForged)
		wantVerified(t, k, "b", nil)
	})
}

// Forged deliveries ask the source once a second, however many there are.
func TestKeyring_is_not_hammered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &source{secrets: []string{"a"}}
		k := heygenhook.NewKeyring(s.load)
		const seconds = 10
		for range seconds * 100 {
			wantVerified(t, k, "forged", heygenhook.ErrForged)
			time.Sleep(10 * time.Millisecond)
		}
		if s.loads > seconds+1 {
			t.Errorf("the secrets were loaded %d times in %d s", s.loads, seconds)
		}
	})
}

// A database that is slow or away costs deliveries little, and no secrets.
func TestKeyring_outlives_its_source(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &source{secrets: []string{"a"}}
		k := heygenhook.NewKeyring(s.load)
		wantVerified(t, k, "a", nil)
		s.fails(nil, time.Hour)
		time.Sleep(time.Minute)
		start := time.Now()
		wantVerified(t, k, "a", nil)
		wantVerified(t, k, "forged", heygenhook.ErrForged)
		if took := time.Since(start); took > 50*time.Millisecond {
			t.Errorf("the deliveries waited for %s", took)
		}
		time.Sleep(time.Minute)
		s.fails(errors.New("away"), 0)
		wantVerified(t, k, "a", nil)
		time.Sleep(time.Minute)
		s.set("b")
		wantVerified(t, k, "b", nil)
	})
}

// Before any secrets were read a delivery may be real, and is to come again.
func TestKeyring_without_secrets_yet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &source{}
		s.fails(errors.New("away"), 0)
		k := heygenhook.NewKeyring(s.load)
		wantVerified(t, k, "a", heygenhook.ErrLocked)
		s.set("a")
		time.Sleep(time.Second)
		wantVerified(t, k, "a", nil)
		wantVerified(t, k, "forged", heygenhook.ErrForged)
	})
}
