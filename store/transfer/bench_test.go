package transfer_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/metrics"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"heyq/store"
	"heyq/store/postgres/postgrestest"
	"heyq/store/sqlite"
	"heyq/store/transfer"
)

// BenchmarkArchive_real writes and reads archives of so many videos with both
// databases, and tells the most that Go's heap took meanwhile.
func BenchmarkArchive_real(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprintf("videos=%d", n), func(b *testing.B) {
			path, file := filepath.Join(b.TempDir(), "heyq.db"), filepath.Join(b.TempDir(), "heyq.jsonl")
			fill(b, openSQLite(b, path), n)
			b.Run("export from SQLite", func(b *testing.B) {
				measure(b, n, func() { export(b, snapshot(b, path), file) })
			})
			pg, lite := postgrestest.Open(b, postgrestest.URL(b)), openSQLite(b, filepath.Join(b.TempDir(), "heyq.db"))
			b.Run("import to Postgres", func(b *testing.B) {
				measure(b, n, func() { load(b, pg, file) })
			})
			b.Run("export from Postgres", func(b *testing.B) {
				measure(b, n, func() { export(b, pg, os.DevNull) })
			})
			b.Run("import to SQLite", func(b *testing.B) {
				measure(b, n, func() { load(b, lite, file) })
			})
		})
	}
}

// fill makes videos as people send them: a script of 500 characters.
func fill(b *testing.B, s *sqlite.Store, n int) {
	b.Helper()
	request := []byte(`{"script":"` + strings.Repeat("Hello ", 84) + `","avatar_id":"avatar_1","voice_id":"voice_1"}`)
	for range n / 1000 {
		list := make([]store.NewVideo, 1000)
		for i := range list {
			list[i] = store.NewVideo{ID: uuid.Must(uuid.NewV7()), UserID: store.DefaultUser, Title: "Hello", Request: request}
		}
		if _, err := s.CreateVideos(b.Context(), store.Creation{Videos: list}); err != nil {
			b.Fatal(err)
		}
	}
}

func export(b *testing.B, source transfer.Source, path string) {
	b.Helper()
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	if _, err := transfer.Write(b.Context(), file, source, transfer.Header{}, transfer.Progress{}); err != nil {
		b.Fatal(err)
	}
}

func load(b *testing.B, target transfer.Target, path string) {
	b.Helper()
	file, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	r, err := transfer.NewReader(io.Reader(file), newest(b), transfer.Progress{})
	if err != nil {
		b.Fatal(err)
	}
	if err := target.Restore(b.Context(), r); err != nil {
		b.Fatal(err)
	}
}

// measure times do, which can be done once, and watches the heap.
func measure(b *testing.B, n int, do func()) {
	b.Helper()
	if b.N > 1 {
		b.Fatal("this can be done once: give -benchtime 1x")
	}
	stop, peak := make(chan struct{}), uint64(0)
	var watching sync.WaitGroup
	watching.Go(func() {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		for {
			metrics.Read(sample)
			peak = max(peak, sample[0].Value.Uint64())
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	})
	b.ResetTimer()
	do()
	b.StopTimer()
	close(stop)
	watching.Wait()
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "videos/s")
	b.ReportMetric(b.Elapsed().Seconds(), "s")
	b.ReportMetric(float64(peak)/(1<<20), "MiB-heap")
	b.ReportMetric(0, "ns/op")
}
