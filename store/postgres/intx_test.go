package postgres_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"heyq/internal/fault"
	"heyq/store"
	"heyq/store/postgres"
	"heyq/store/postgres/postgrestest"
)

func newVideo() store.NewVideo {
	return store.NewVideo{ID: uuid.Must(uuid.NewV7()), UserID: "ada", Request: json.RawMessage(`{}`)}
}

func TestInTx_real(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	s, conn := open(t, url), connect(t, url)
	ctx := t.Context()

	// inTx creates a video in a caller's transaction, which ends by end.
	inTx := func(end func(pgx.Tx) error) uuid.UUID {
		t.Helper()
		tx, err := conn.Begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		v := newVideo()
		once := &store.Once{UserID: "ada", Key: v.ID.String(), Answer: func([]store.Video) ([]byte, error) { return []byte("ok"), nil }}
		if _, err := postgres.InTx(tx).CreateVideos(ctx, store.Creation{Videos: []store.NewVideo{v}, Once: once}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Video(ctx, store.Everyone(), v.ID); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("before the commit others see %v, want no such video", err)
		}
		if err := end(tx); err != nil {
			t.Fatal(err)
		}
		return v.ID
	}
	kept := inTx(func(tx pgx.Tx) error { return tx.Commit(ctx) })
	if claims, err := s.Admit(ctx, 1); err != nil || len(claims) != 1 || claims[0].Video != kept {
		t.Errorf("admitted %v, %v after the commit, want %s", claims, err, kept)
	}
	gone := inTx(func(tx pgx.Tx) error { return tx.Rollback(ctx) })
	if _, err := s.Video(ctx, store.Everyone(), gone); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("after the rollback: %v, want no such video", err)
	}
}

// A refusal is an answer, not an accident: the caller's transaction goes on.
func TestInTx_refusal_real(t *testing.T) {
	t.Parallel()
	conn := connect(t, postgrestest.URL(t))
	err := pgx.BeginFunc(t.Context(), conn, func(tx pgx.Tx) error {
		s := postgres.InTx(tx)
		twice := newVideo()
		if _, err := s.CreateVideos(t.Context(), store.Creation{Videos: []store.NewVideo{twice, twice}}); err == nil {
			t.Error("one id was created twice")
		}
		if _, err := s.CreateVideos(t.Context(), store.Creation{Videos: []store.NewVideo{twice}}); err != nil {
			t.Errorf("after a creation that failed: %v, want the transaction to be usable", err)
		}
		return s.Close() // is the caller's business, and so does nothing
	})
	if err != nil {
		t.Errorf("commit: %v", err)
	}
}

func TestInTx_limits_real(t *testing.T) {
	t.Parallel()
	conn := connect(t, postgrestest.URL(t))
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.WithoutCancel(t.Context())) //nolint:errcheck // nothing to keep
	s := postgres.InTx(tx)
	if err := s.Lead(t.Context(), "x", func(context.Context) error { return nil }); err == nil {
		t.Error("a transaction led")
	}
	schema, ok := s.(store.Schema)
	if !ok {
		t.Fatal("the store in a transaction is another type than the store")
	}
	if _, err := schema.Migrate(t.Context()); err == nil || errors.Is(err, context.Canceled) {
		t.Errorf("migrating inside a transaction gave %v, want a refusal", err)
	}
}
