package media

import (
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
	Duration   time.Duration
	Width      int    // pixels
	Height     int    // pixels
	VideoCodec string // h264, hevc, av1, or the four letters
	AudioCodec string // aac, ac3, opus, or the four letters; empty without sound
	BitRate    int64  // bits a second, picture and sound and container
}

// Probe reads the facts of the MP4 at path. It must have a movie header, media
// for all of its samples, a picture and a positive duration, and each of its boxes
// must end within the file: one that was cut off anywhere is ErrNotPlayable. The
// media itself is not read.
func Probe(path string) (Facts, error) {
	f, err := os.Open(path)
	if err != nil {
		return Facts{}, fmt.Errorf("probe: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Facts{}, fmt.Errorf("probe: %w", err)
	}
	facts, err := probe(f, info.Size())
	if err != nil {
		return Facts{}, fmt.Errorf("probe: %w", err)
	}
	return facts, nil
}

func unplayable(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrNotPlayable, fmt.Sprintf(format, args...))
}
