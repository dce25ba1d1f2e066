package media_test

import (
	"net/http"
	"runtime/metrics"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"heyq/media"
)

// BenchmarkFetch_many fetches 16 files of 200 MB at once and reports the highest
// heap on the way, the server's share included. The files lie in TMPDIR.
func BenchmarkFetch_many(b *testing.B) {
	const files, size = 16, 200 << 20
	block := content(1 << 20)
	link, _ := host(b, func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(size))
		for range size / len(block) {
			_, _ = w.Write(block)
		}
	})
	l, _ := newLibrary(b, func(o *media.Options) { o.Stall = time.Minute })
	b.SetBytes(files * size)
	before, peak := heap(), uint64(0)
	watched := watchHeap(&peak)
	for b.Loop() {
		var all errgroup.Group
		for range files {
			all.Go(func() error {
				got, err := l.Fetch(b.Context(), media.Source{URL: link})
				if err != nil {
					return err
				}
				return got.Remove()
			})
		}
		if err := all.Wait(); err != nil {
			b.Fatal(err)
		}
	}
	watched()
	b.ReportMetric(float64(before)/(1<<20), "MiB-heap-before")
	b.ReportMetric(float64(peak)/(1<<20), "MiB-heap-peak")
}

// watchHeap keeps the highest heap in peak, until it is told to stop.
func watchHeap(peak *uint64) (stop func()) {
	ended, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(5 * time.Millisecond)
		defer ticker.Stop()
		for {
			*peak = max(*peak, heap())
			select {
			case <-ended:
				return
			case <-ticker.C:
			}
		}
	}()
	return func() { close(ended); <-done }
}

// heap is what lies in the heap, garbage included, in bytes.
func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
