package media

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// ErrNotPlayable says that the file is no whole MP4. The error around it says
// what is wrong with it.
var ErrNotPlayable = errors.New("not a playable MP4")

// Facts is what a video file says of itself.
type Facts struct {
	Bytes      int64
	Duration   time.Duration // as long as its picture lasts, and no longer than its header says
	Width      int           // pixels
	Height     int           // pixels
	VideoCodec string        // h264, hevc, av1, or the four letters
	AudioCodec string        // aac, ac3, opus, or the four letters; empty without sound
	BitRate    int64         // bits a second, picture and sound and container

	// Sound is how long the sound lasts. Of a fragmented file, whose samples are
	// described elsewhere, it is Duration.
	Sound time.Duration
	// Silent says that the sound is AAC and that its frames hold nothing: see
	// silentFrame. False proves nothing: noise is no silence, and other codecs are
	// not judged.
	Silent bool
}

// Probes run a few at a time in a process, since each may hold a movie header of
// maxMoov bytes, and for a while only: a disk may hang.
const (
	probesAtOnce = 2
	probeTime    = 30 * time.Second
)

var probes = make(chan struct{}, probesAtOnce)

// Probe reads the facts of the MP4 at path. It must have a movie header, media
// for all of its samples, a picture of some size and a positive duration, and each
// of its boxes must end within the file: one that was cut off anywhere is
// ErrNotPlayable. The media itself is not read. Whatever is in the file, a Probe
// takes at most 30 s, and 17 MiB of memory; two run at a time, and the others wait
// for ctx.
func Probe(ctx context.Context, path string) (Facts, error) {
	select {
	case probes <- struct{}{}:
		defer func() { <-probes }()
	case <-ctx.Done():
		return Facts{}, fmt.Errorf("probe: %w", ctx.Err())
	}
	f, err := os.Open(path)
	if err != nil {
		return Facts{}, fmt.Errorf("probe: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Facts{}, fmt.Errorf("probe: %w", err)
	}
	facts, err := probe(ctx, f, info.Size())
	if err != nil {
		return Facts{}, fmt.Errorf("probe: %w", err)
	}
	return facts, nil
}

func unplayable(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrNotPlayable, fmt.Sprintf(format, args...))
}
