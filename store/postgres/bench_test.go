package postgres_test

import (
	"testing"

	"heyq/internal/testkit"
	"heyq/internal/testservers"
	"heyq/store/storetest"
)

// BenchmarkStore_real runs on a server that keeps what it has answered.
func BenchmarkStore_real(b *testing.B) {
	storetest.Benchmark(b, func(b testing.TB) storetest.Harness {
		url, err := testkit.StartPostgres(b, testservers.Durable()).CreateDatabase(b.Context(), "heyq", "")
		if err != nil {
			b.Fatal(err)
		}
		s := open(b, url)
		if _, err := s.Migrate(b.Context()); err != nil {
			b.Fatal(err)
		}
		return storetest.Harness{Store: s}
	})
}
