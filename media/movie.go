package media

import (
	"encoding/binary"
	"io"
	"math"
	"strings"
	"time"

	"github.com/Eyevinn/mp4ff/mp4"
)

// movie collects what the movie header says.
type movie struct {
	facts     Facts
	timescale uint32
	handler   string // of the track being walked: vide, soun, ...
	samples   int64  // bytes of all tracks' samples
}

func probe(r io.ReaderAt, size int64) (Facts, error) {
	moov, media, err := topLevel(r, size)
	if err != nil {
		return Facts{}, err
	}
	var m movie
	if err := walk(moov, m.visit); err != nil {
		return Facts{}, err
	}
	switch {
	case m.facts.VideoCodec == "":
		return Facts{}, unplayable("it has no picture")
	case m.facts.Duration < time.Millisecond:
		return Facts{}, unplayable("it has no duration")
	case m.samples > media:
		// A box of media may say "to the end", wherever that is: only the samples
		// tell that the file was cut there.
		return Facts{}, unplayable("its samples have %d bytes, and %d are there", m.samples, media)
	}
	m.facts.Bytes = size
	m.facts.BitRate = bitRate(size, m.facts.Duration)
	return m.facts, nil
}

// visit takes a box of the movie header. The boxes of a track come in an order:
// its handler before its sample descriptions.
func (m *movie) visit(b box) error {
	switch b.kind {
	case "mvhd":
		header, err := decode[*mp4.MvhdBox](b)
		if err != nil {
			return err
		}
		m.timescale = header.Timescale
		m.facts.Duration = seconds(header.Duration, header.Timescale)
	case "mehd": // a fragmented file's duration stands here
		header, err := decode[*mp4.MehdBox](b)
		if err != nil {
			return err
		}
		if m.facts.Duration == 0 && header.FragmentDuration > 0 {
			m.facts.Duration = seconds(uint64(header.FragmentDuration), m.timescale)
		}
	case "trak":
		m.handler = ""
	case "hdlr":
		header, err := decode[*mp4.HdlrBox](b)
		if err != nil {
			return err
		}
		m.handler = header.HandlerType
	case "stsd":
		m.describe(b.payload)
	case "stsz":
		m.samples += sampleBytes(b.payload)
	}
	return nil
}

// sampleBytes adds up a track's samples. They have one size, or each its own.
func sampleBytes(stsz []byte) (sum int64) {
	const size, count, table = 4, 8, 12 // offsets
	if len(stsz) < table {
		return 0
	}
	if each := binary.BigEndian.Uint32(stsz[size:]); each > 0 {
		return int64(each) * int64(binary.BigEndian.Uint32(stsz[count:]))
	}
	for sizes := stsz[table:]; len(sizes) >= 4; sizes = sizes[4:] {
		sum += int64(binary.BigEndian.Uint32(sizes))
	}
	return sum
}

// describe reads the first sample description: its four letters, and of a
// picture the size. Codecs that mp4ff does not know are still worth their name.
func (m *movie) describe(stsd []byte) {
	const first, width, height = 8, 8 + 32, 8 + 34 // offsets: past version and count; of a picture's size
	if len(stsd) < first+boxHead {
		return
	}
	name := codec(string(stsd[first+4 : first+8]))
	switch {
	case m.handler == "vide" && m.facts.VideoCodec == "" && len(stsd) >= height+2:
		m.facts.VideoCodec = name
		m.facts.Width = int(binary.BigEndian.Uint16(stsd[width:]))
		m.facts.Height = int(binary.BigEndian.Uint16(stsd[height:]))
	case m.handler == "soun" && m.facts.AudioCodec == "":
		m.facts.AudioCodec = name
	}
}

// codec gives the common codecs their common names.
func codec(letters string) string {
	switch letters {
	case "avc1", "avc3":
		return "h264"
	case "hvc1", "hev1":
		return "hevc"
	case "av01":
		return "av1"
	case "vp09":
		return "vp9"
	case "mp4a":
		return "aac"
	case "ac-3":
		return "ac3"
	case "Opus":
		return "opus"
	}
	return strings.ToValidUTF8(strings.Trim(letters, "\x00 "), "?")
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
