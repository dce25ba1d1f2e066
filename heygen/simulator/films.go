package simulator

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"hash"
	"sync"

	"github.com/Eyevinn/mp4ff/mp4"
)

// film is the clip, or what became of it: in the size that a create asked for, or
// spoilt on purpose. Its boxes are as long as the clip's, so nothing moves.
type film struct {
	content []byte
	hash    hash.Cloner // has read content, so that a movie costs only its tail
}

func newFilm(content []byte) *film {
	h := sha256.New().(hash.Cloner)
	h.Write(content)
	return &film{content, h}
}

// sum is the SHA-256 of the film with a tail.
func (f *film) sum(tail []byte) [sha256.Size]byte {
	h, err := f.hash.Clone()
	if err != nil { // a hash that cannot be cloned reads it all
		return sha256.Sum256(append(append([]byte{}, f.content...), tail...))
	}
	h.Write(tail)
	return [sha256.Size]byte(h.Sum(nil))
}

// edited is the clip as edit leaves it.
func edited(edit func(*mp4.File)) *film {
	file, err := mp4.DecodeFile(bytes.NewReader(clip))
	if err == nil {
		edit(file)
		out := bytes.NewBuffer(make([]byte, 0, len(clip)))
		if err = file.Encode(out); err == nil {
			return newFilm(out.Bytes())
		}
	}
	panic(fmt.Sprintf("the clip is compiled in, and cannot be edited: %v", err))
}

// size is that of a picture, in pixels. The zero value is the clip's own.
type size struct{ Width, Height int }

// sizeOf reads what a create asks for. A resolution counts the shorter side.
func sizeOf(body object) size {
	if d := body.object("dimension"); d != nil {
		w, _ := d["width"].(float64)
		h, _ := d["height"].(float64)
		return size{int(w), int(h)}
	}
	side, known := map[string]int{"720p": 720, "1080p": 1080, "4k": 2160}[body.text("resolution")]
	aspect := body.text("aspect_ratio")
	if !known && (aspect == "" || aspect == "auto") {
		return size{}
	}
	if !known {
		side = 720
	}
	switch aspect {
	case "9:16":
		return size{side, side * 16 / 9}
	case "4:5":
		return size{side, side * 5 / 4}
	case "5:4":
		return size{side * 5 / 4, side}
	case "1:1":
		return size{side, side}
	default:
		return size{side * 16 / 9, side}
	}
}

var films = struct {
	sync.Mutex
	bySize map[size]*film
}{bySize: map[size]*film{{}: newFilm(clip)}}

// filmOf is the clip in a size.
func filmOf(s size) *film {
	films.Lock()
	defer films.Unlock()
	f, made := films.bySize[s]
	if made {
		return f
	}
	if len(films.bySize) > 64 { // templates may ask for any
		films.bySize = map[size]*film{{}: films.bySize[size{}]}
	}
	f = edited(resize(s))
	films.bySize[s] = f
	return f
}

// resize has a film say that it is of a size, and be shown in it. The stream in it
// stays as small as it is: enlarging that would take a codec.
func resize(s size) func(*mp4.File) {
	return func(f *mp4.File) {
		picture := f.Moov.Traks[0]
		picture.Tkhd.Width, picture.Tkhd.Height = mp4.Fixed32(s.Width<<16), mp4.Fixed32(s.Height<<16)
		avc := picture.Mdia.Minf.Stbl.Stsd.AvcX
		avc.Width, avc.Height = uint16(s.Width), uint16(s.Height)
	}
}

// broken are the films that are not as promised, each with a checksum of its own:
// HeyGen itself made them so. They are made when the first is asked for.
var broken = map[string]func() *film{
	"no_sound":  sync.OnceValue(func() *film { return newFilm(withoutSound(clip)) }),
	"silent":    sync.OnceValue(func() *film { return edited(silence) }),
	"too_short": sync.OnceValue(func() *film { return edited(pace(1, 4)) }),
	"foreign":   sync.OnceValue(func() *film { return edited(pace(3, 1)) }), // another's, which is longer
	"no_size":   sync.OnceValue(func() *film { return edited(resize(size{})) }),
}

// withoutSound makes the second track free space.
func withoutSound(content []byte) []byte {
	content = bytes.Clone(content)
	copy(content[bytes.LastIndex(content[:bytes.Index(content, []byte("mdat"))], []byte("trak")):], "free")
	return content
}

// silence has each frame of the sound hold nothing, as an encoder writes it that
// was given silence.
func silence(f *mp4.File) {
	frame := []byte{0x01, 0x18, 0x20, 0x07} // of one channel
	table := f.Moov.Traks[1].Mdia.Minf.Stbl
	for i := range table.Stsz.SampleSize {
		table.Stsz.SampleSize[i] = uint32(len(frame))
	}
	begins := uint32(f.Mdat.StartPos + f.Mdat.HeaderSize())
	for i, at := range table.Stco.ChunkOffset {
		chunk := table.Stsc.GetChunk(uint32(i + 1))
		copy(f.Mdat.Data[at-begins:], bytes.Repeat(frame, int(chunk.NrSamples)))
	}
}

// pace has a film last times/by as long.
func pace(times, by uint32) func(*mp4.File) {
	return func(f *mp4.File) {
		longer := func(ticks uint64) uint64 { return ticks * uint64(times) / uint64(by) }
		f.Moov.Mvhd.Duration = longer(f.Moov.Mvhd.Duration)
		for _, t := range f.Moov.Traks {
			t.Tkhd.Duration, t.Mdia.Mdhd.Duration = longer(t.Tkhd.Duration), longer(t.Mdia.Mdhd.Duration)
			for _, list := range t.Edts.Elst {
				for i := range list.Entries {
					list.Entries[i].SegmentDuration = longer(list.Entries[i].SegmentDuration)
				}
			}
			table := t.Mdia.Minf.Stbl.Stts
			for i := range table.SampleTimeDelta {
				table.SampleTimeDelta[i] = table.SampleTimeDelta[i] * times / by
			}
		}
	}
}
