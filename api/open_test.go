package api_test

import (
	"context"
	"testing"

	"heyq/internal/testkit"
	"heyq/store"
	"heyq/store/postgres"
)

func TestMain(m *testing.M) { testkit.Main(m) }

var migrated = testkit.NewTemplate(func(ctx context.Context, url string) error {
	s, err := postgres.Open(ctx, url)
	if err != nil {
		return err
	}
	defer s.Close()
	_, err = s.Migrate(ctx)
	return err
})

func openStore(t *testing.T) store.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), testkit.PostgresFrom(t, migrated))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}
