package media

import (
	"bytes"
	"os"
	"testing"
	"time"
)

// FuzzProbe: whatever a host sends, the answer is facts that make sense or an
// error, never a panic or a large allocation.
func FuzzProbe(f *testing.F) {
	sample, err := os.ReadFile("testdata/tiny.mp4")
	if err != nil {
		f.Fatal(err)
	}
	moov := sample[:4000] // the movie header stands first; the media may be anything
	f.Add(moov)
	f.Add(append(bytes.Clone(moov), "\x00\x00\x00\x00mdat...."...))
	f.Add([]byte("<html>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		facts, err := probe(bytes.NewReader(data), int64(len(data)))
		if err == nil && (facts.Duration < time.Millisecond || facts.Duration > maxDuration || facts.BitRate < 0) {
			t.Errorf("got %+v", facts)
		}
	})
}
