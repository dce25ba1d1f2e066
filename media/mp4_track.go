package media

import (
	"encoding/binary"
	"strings"
	"time"

	"github.com/Eyevinn/mp4ff/mp4"
)

// track is one of a movie's tracks, as its tables describe it.
type track struct {
	handler       string // vide, soun, ...
	codec         string
	width, height int // of a picture, in pixels
	timescale     uint32

	samples uint64 // their number
	bytes   uint64 // of all of them
	large   uint64 // samples of over silentFrame bytes
	times   []byte // the table of their durations
}

// silentFrame is the most bytes of an AAC frame in which nothing is heard: an
// encoder given silence makes frames of 4 to 12 bytes, with spectral band
// replication up to 30, all of one size. A frame of speech has 90 at the lowest
// bit rates that are in use (16 kbit/s). Noise, however low, makes large frames,
// as does an encoder that fills its frames up to a constant rate.
const silentFrame = 32

// audible is how many larger frames, in a thousand, still are silence, beside the
// few at the start, where encoders leave their name.
const (
	audible = 10
	starts  = 3
)

// silent reports that a track's AAC frames hold nothing that is heard.
func (t *track) silent() bool {
	return t.codec == "aac" && t.samples > starts && t.large <= starts+t.samples*audible/1000
}

// visit takes a box that may be one of the track's.
func (t *track) visit(b box) error {
	switch b.parent + "/" + b.kind {
	case "mdia/mdhd":
		header, err := decode[*mp4.MdhdBox](b)
		if err != nil {
			return err
		}
		t.timescale = header.Timescale
	case "mdia/hdlr":
		header, err := decode[*mp4.HdlrBox](b)
		if err != nil {
			return err
		}
		t.handler = header.HandlerType
	case "stbl/stsd":
		t.describe(b.payload)
	case "stbl/stsz":
		return t.measure(b.payload)
	case "stbl/stts":
		t.times = b.payload
	}
	return nil
}

// measure reads the sizes of the samples. They have one size, or each its own.
func (t *track) measure(stsz []byte) error {
	const size, count, table = 4, 8, 12 // offsets
	if len(stsz) < table {
		return unplayable("a table of sizes has %d bytes", len(stsz))
	}
	t.samples = uint64(binary.BigEndian.Uint32(stsz[count:]))
	if each := uint64(binary.BigEndian.Uint32(stsz[size:])); each > 0 {
		t.bytes = each * t.samples
		if each > silentFrame {
			t.large = t.samples
		}
		return nil
	}
	sizes := stsz[table:]
	if there := uint64(len(sizes) / 4); t.samples > there {
		return unplayable("a table of sizes names %d samples, and has %d", t.samples, there)
	}
	t.bytes, t.large = 0, 0
	for ; len(sizes) >= 4; sizes = sizes[4:] {
		n := uint64(binary.BigEndian.Uint32(sizes))
		t.bytes += n
		if n > silentFrame {
			t.large++
		}
	}
	return nil
}

// duration adds up how long the samples last, those that have a size. 0 means that
// it cannot be told.
func (t *track) duration() time.Duration {
	const table, entry = 8, 8 // where the entries begin, and their length: a number of samples, and their ticks each
	if len(t.times) < table {
		return 0
	}
	var ticks uint64
	left := t.samples
	for list := t.times[table:]; len(list) >= entry && left > 0; list = list[entry:] {
		n := min(left, uint64(binary.BigEndian.Uint32(list)))
		left -= n
		each := n * uint64(binary.BigEndian.Uint32(list[4:]))
		if each > 1<<62 || ticks > 1<<62 {
			return 0 // before it overflows
		}
		ticks += each
	}
	return seconds(ticks, t.timescale)
}

// describe reads the first sample description: its four letters, and of a
// picture the size. Codecs that mp4ff does not know are still worth their name.
func (t *track) describe(stsd []byte) {
	const first, width, height = 8, 8 + 32, 8 + 34 // offsets: past version and count; of a picture's size
	if len(stsd) < first+boxHead {
		return
	}
	t.codec = codec(string(stsd[first+4 : first+8]))
	if len(stsd) >= height+2 {
		t.width = int(binary.BigEndian.Uint16(stsd[width:]))
		t.height = int(binary.BigEndian.Uint16(stsd[height:]))
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
