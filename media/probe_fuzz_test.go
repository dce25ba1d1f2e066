package media

import (
	"bytes"
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
)

// FuzzProbe: whatever a host sends, the answer is facts that make sense or an
// error, never a panic, a deep stack or a large allocation.
func FuzzProbe(f *testing.F) {
	defer debug.SetMaxStack(debug.SetMaxStack(1 << 20))
	sample, err := os.ReadFile("testdata/tiny.mp4")
	if err != nil {
		f.Fatal(err)
	}
	moov := sample[:4000] // the movie header stands first; the media may be anything
	f.Add(moov)
	f.Add(append(bytes.Clone(moov), "\x00\x00\x00\x00mdat...."...))
	f.Add([]byte("<html>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		before := allocated()
		facts, err := probe(context.Background(), bytes.NewReader(data), int64(len(data)))
		if got, most := allocated()-before, uint64(4*len(data)+4<<20); got > most {
			t.Errorf("%d bytes made it allocate %d", len(data), got)
		}
		if err == nil && (facts.Duration < time.Millisecond || facts.Duration > maxDuration || facts.BitRate < 0 ||
			facts.Width <= 0 || facts.Height <= 0 || facts.Sound < 0 || facts.Sound > maxDuration) {
			t.Errorf("got %+v", facts)
		}
	})
}

// allocated is what this process has ever allocated, in bytes.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
