package storetest

import (
	"fmt"
	"testing"

	"heyq/store"
)

// Benchmark measures the hot path of a video in batches: it is admitted, begun,
// accepted, claimed, begun and ended. Creating it is not counted.
func Benchmark(b *testing.B, open func(testing.TB) Harness) {
	for _, batch := range []int{25, 100} {
		b.Run(fmt.Sprintf("batch=%d", batch), func(b *testing.B) {
			s := newScene(b, open(b))
			for b.Loop() {
				b.StopTimer()
				s.createMany(batch)
				b.StartTimer()
				runs := s.begin(store.Create, s.admit(batch)...)
				s.endAll(batch, runs, func(r store.Run) store.End { return store.Accepted(r, heygenID(r.Video), 0) })
				runs = s.begin(store.Poll, s.claim(store.Poll)...)
				s.endAll(batch, runs, renderFailed)
			}
			b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "videos/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func (s *scene) endAll(batch int, runs []store.Run, how func(store.Run) store.End) {
	s.Helper()
	ends := make([]store.End, len(runs))
	for i, r := range runs {
		ends[i] = how(r)
	}
	ended, err := s.db.End(s.ctx, ends)
	s.must(err)
	if len(ended) != batch {
		s.Fatalf("%d of %d came through", len(ended), batch)
	}
}
