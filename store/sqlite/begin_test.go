package sqlite

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"heyq/store"
)

// No way of the protocol grants a claim while a lease lives. Should one be granted all
// the same, it waits until the lease is over: two runners would send.
func TestBegin_beside_a_live_lease(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s, err := Open(ctx, filepath.Join(t.TempDir(), "heyq.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	v := store.NewVideo{ID: uuid.Must(uuid.NewV7()), Request: json.RawMessage(`{}`)}
	if _, err := s.CreateVideos(ctx, store.Creation{Videos: []store.NewVideo{v}}); err != nil {
		t.Fatal(err)
	}
	claims, err := s.Admit(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	if runs, err := s.Begin(ctx, store.Create, claims); err != nil || len(runs) != 1 {
		t.Fatalf("begun %v, %v", runs, err)
	}
	if err := s.exec(ctx, `UPDATE videos SET claim = claim + 1 WHERE :now > 0`); err != nil {
		t.Fatal(err)
	}
	next := []store.Claim{{Video: v.ID, Claim: claims[0].Claim + 1}}
	if runs, err := s.Begin(ctx, store.Create, next); err != nil || len(runs) > 0 {
		t.Errorf("begun beside a live lease: %v, %v", runs, err)
	}
	if err := s.exec(ctx, `UPDATE videos SET lease_until = :now`); err != nil {
		t.Fatal(err)
	}
	if runs, err := s.Begin(ctx, store.Create, next); err != nil || len(runs) != 1 {
		t.Errorf("begun after the lease: %v, %v, want one", runs, err)
	}
}
