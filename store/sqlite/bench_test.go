package sqlite_test

import (
	"path/filepath"
	"testing"

	"heyq/store/storetest"
)

func BenchmarkStore(b *testing.B) {
	storetest.Benchmark(b, func(b testing.TB) storetest.Harness {
		return storetest.Harness{Store: open(b, filepath.Join(b.TempDir(), "heyq.db"))}
	})
}
