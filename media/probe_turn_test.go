package media

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"testing"
	"testing/synctest"
	"time"
)

// While as many probes run as may, another one waits, and no longer than for its ctx.
func TestProbe_waits_for_its_turn(t *testing.T) {
	for range probesAtOnce { // not parallel: nothing else is probed meanwhile
		probes <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := Probe(ctx, "no such file")
		ended <- err
	}()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) { // the file was not asked for
		t.Errorf("one that waited ended with %v", err)
	}
	<-probes
	if _, err := Probe(t.Context(), "no such file"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("one that had its turn ended with %v", err)
	}
	<-probes
	if len(probes) != 0 {
		t.Error("a probe kept its place")
	}
}

// A disk that answers slowly ends a probe after its time.
func TestProbe_takes_its_time_at_most(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		free := append([]byte{0, 0, 0, 8}, "free"...)
		file := append(append([]byte{0, 0, 0, 8}, "ftyp"...), bytes.Repeat(free, maxBoxes/2)...)
		began := time.Now()
		_, err := probe(t.Context(), slowly{bytes.NewReader(file)}, int64(len(file)))
		if took := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || took > probeTime+time.Second {
			t.Errorf("it took %s: %v", took, err)
		}
	})
}

// slowly is a file on a disk that takes a second for each read.
type slowly struct{ *bytes.Reader }

func (s slowly) ReadAt(p []byte, at int64) (int, error) {
	time.Sleep(time.Second)
	return s.Reader.ReadAt(p, at)
}
