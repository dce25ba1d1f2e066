package media

import (
	"context"
	"io"
	"math"
	"time"

	"github.com/Eyevinn/mp4ff/mp4"
)

// movie collects what the movie header says.
type movie struct {
	timescale  uint32
	duration   time.Duration // as the header says
	fragmented bool          // its samples are described beside the media, not in the header
	tracks     []*track
}

// probe does the work of Probe on what is open, within probeTime.
func probe(ctx context.Context, r io.ReaderAt, size int64) (Facts, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	w := walker{ctx: ctx}
	moov, media, err := w.topLevel(r, size)
	if err != nil {
		return Facts{}, err
	}
	var m movie
	if err := w.walk("moov", moov, m.visit); err != nil {
		return Facts{}, err
	}
	if err := m.fits(media); err != nil {
		return Facts{}, err
	}
	facts, err := m.facts()
	if err != nil {
		return Facts{}, err
	}
	facts.Bytes = size
	facts.BitRate = bitRate(size, facts.Duration)
	return facts, nil
}

// visit takes a box of the movie header.
func (m *movie) visit(b box) error {
	switch b.parent + "/" + b.kind {
	case "moov/mvhd":
		header, err := decode[*mp4.MvhdBox](b)
		if err != nil {
			return err
		}
		m.timescale = header.Timescale
		m.duration = seconds(header.Duration, header.Timescale)
	case "moov/mvex":
		m.fragmented = true
	case "mvex/mehd": // a fragmented file's duration stands here
		header, err := decode[*mp4.MehdBox](b)
		if err != nil {
			return err
		}
		if m.duration == 0 && header.FragmentDuration > 0 {
			m.duration = seconds(uint64(header.FragmentDuration), m.timescale)
		}
	case "moov/trak":
		m.tracks = append(m.tracks, &track{})
	}
	if len(m.tracks) == 0 {
		return nil
	}
	return m.tracks[len(m.tracks)-1].visit(b)
}

// fits refuses a file whose samples are more than its media. A box of media may
// say "to the end", wherever that is: only the samples tell that the file was cut
// there.
func (m *movie) fits(media int64) error {
	left := uint64(media)
	for _, t := range m.tracks {
		if t.bytes > left {
			return unplayable("its samples have over %d bytes, and %d are there", uint64(media)-left+t.bytes, media)
		}
		left -= t.bytes
	}
	return nil
}

// facts are those of the first track with a picture, and of the sound.
func (m *movie) facts() (Facts, error) {
	var f Facts
	f.Duration = m.duration
	for _, t := range m.tracks {
		if t.handler != "vide" || t.codec == "" {
			continue
		}
		f.VideoCodec, f.Width, f.Height = t.codec, t.width, t.height
		if !m.fragmented {
			f.Duration = min(f.Duration, t.duration())
		}
		break
	}
	switch {
	case f.VideoCodec == "":
		return Facts{}, unplayable("it has no picture")
	case f.Width == 0 || f.Height == 0:
		return Facts{}, unplayable("its picture is %d×%d", f.Width, f.Height)
	case f.Duration < time.Millisecond:
		return Facts{}, unplayable("it has no duration")
	}
	for _, t := range m.tracks {
		lasts := t.duration()
		if m.fragmented {
			lasts = f.Duration
		}
		if t.handler != "soun" || t.codec == "" || lasts == 0 {
			continue
		}
		if heard := !t.silent(); f.AudioCodec == "" || heard && f.Silent {
			f.AudioCodec, f.Sound, f.Silent = t.codec, lasts, !heard
		}
	}
	return f, nil
}

// maxDuration is beyond any video: a header that says more is damaged.
const maxDuration = 100 * time.Hour

// seconds turns a count of ticks into time. 0 means that it cannot be told.
func seconds(ticks uint64, timescale uint32) time.Duration {
	if timescale == 0 || ticks == math.MaxUint32 || ticks == math.MaxUint64 {
		return 0
	}
	d := float64(ticks) / float64(timescale)
	if d > maxDuration.Seconds() {
		return 0
	}
	return time.Duration(d * float64(time.Second))
}

func bitRate(bytes int64, d time.Duration) int64 {
	return int64(math.Round(float64(bytes) * 8 / d.Seconds()))
}
