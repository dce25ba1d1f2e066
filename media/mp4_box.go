package media

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/Eyevinn/mp4ff/bits"
	"github.com/Eyevinn/mp4ff/mp4"
)

// Boxes are walked here, and only the few small ones that Probe needs are decoded
// by mp4ff. Its sample tables take their length from a count in the file: one
// flipped bit there would be an allocation of gigabytes.
//
// A stranger wrote the file, so each loop has a bound: boxes are counted, the movie
// header is at most maxMoov, and parents bounds how deep a box is looked for. Those
// over boxes ask ctx. Those over a track's tables do not: no byte of the header is in
// two of them, and each is gone through three times at most, which takes milliseconds.

const (
	boxHead      = 8
	largeBoxHead = 16
	maxMoov      = 16 << 20 // bytes; an hour of video has about one MiB
	maxDecoded   = 64 << 10 // bytes of a box that mp4ff decodes; those are about a hundred
	maxBoxes     = 10_000   // of a file, at any depth; a film has about fifty
)

// parents names the container in which each one is opened, and no other: a film's
// tables stand in moov/trak/mdia/minf/stbl, and nothing is looked for deeper.
var parents = map[string]string{"trak": "moov", "mvex": "moov", "mdia": "trak", "minf": "mdia", "stbl": "minf"}

// walker visits the boxes of one file.
type walker struct {
	ctx  context.Context
	seen int // boxes
}

// next allows one more box.
func (w *walker) next() error {
	if w.seen++; w.seen > maxBoxes {
		return unplayable("it has over %d boxes", maxBoxes)
	}
	return w.ctx.Err()
}

// box is a part of an MP4: whole holds its header as well.
type box struct {
	parent, kind   string
	whole, payload []byte
}

// header reads a box's kind, the length of its header and its whole length, which
// is never more than what is left. data holds the box's beginning.
func header(data []byte, left int64) (kind string, head, length int64, err error) {
	if len(data) < boxHead {
		return "", 0, 0, unplayable("it ends within the header of a box")
	}
	kind, head = string(data[4:8]), boxHead
	length = int64(binary.BigEndian.Uint32(data))
	switch length {
	case 0:
		length = left // the last box may say "to the end"
	case 1:
		if len(data) < largeBoxHead {
			return "", 0, 0, unplayable("it ends within the header of a box")
		}
		head = largeBoxHead
		length = int64(min(binary.BigEndian.Uint64(data[8:]), 1<<62))
	}
	if length < head {
		return "", 0, 0, unplayable("box %q has a length of %d", kind, length)
	}
	if length > left {
		return "", 0, 0, unplayable("box %q has %d bytes, and %d are there", kind, length, left)
	}
	return kind, head, length, nil
}

// topLevel walks the boxes of a file and returns the movie header's payload and
// the bytes of media. It reads 16 bytes of every other box.
func (w *walker) topLevel(r io.ReaderAt, size int64) (moov []byte, media int64, err error) {
	var head [largeBoxHead]byte
	for at := int64(0); at < size; {
		if err := w.next(); err != nil {
			return nil, 0, err
		}
		n, err := r.ReadAt(head[:min(largeBoxHead, size-at)], at)
		if err != nil && err != io.EOF {
			return nil, 0, err
		}
		kind, headLen, length, err := header(head[:n], size-at)
		if at == 0 && kind != "ftyp" {
			return nil, 0, unplayable("it begins with %q", head[:n])
		}
		if err != nil {
			return nil, 0, err
		}
		switch kind {
		case "mdat":
			media += length - headLen
		case "moov":
			if moov != nil {
				return nil, 0, unplayable("it has two movie headers")
			}
			if moov, err = readPayload(r, at+headLen, length-headLen); err != nil {
				return nil, 0, err
			}
		}
		at += length
	}
	switch {
	case moov == nil:
		return nil, 0, unplayable("it has no movie header")
	case media == 0:
		return nil, 0, unplayable("it has no media")
	}
	return moov, media, nil
}

func readPayload(r io.ReaderAt, at, length int64) ([]byte, error) {
	if length > maxMoov {
		return nil, unplayable("its movie header has %d bytes", length)
	}
	data := make([]byte, length)
	if n, err := r.ReadAt(data, at); int64(n) < length {
		return nil, fmt.Errorf("read the movie header: %w", err)
	}
	return data, nil
}

// walk visits the boxes in data, which parent holds, and those inside the
// containers that lead to what Probe wants.
func (w *walker) walk(parent string, data []byte, visit func(box) error) error {
	for len(data) > 0 {
		if err := w.next(); err != nil {
			return err
		}
		kind, head, length, err := header(data, int64(len(data)))
		if err != nil {
			return err
		}
		b := box{parent: parent, kind: kind, whole: data[:length], payload: data[head:length]}
		if err := visit(b); err != nil {
			return err
		}
		if parents[kind] == parent {
			if err := w.walk(kind, b.payload, visit); err != nil {
				return err
			}
		}
		data = data[length:]
	}
	return nil
}

// decode has mp4ff read one small box as a T.
func decode[T mp4.Box](b box) (T, error) {
	var none T
	if len(b.whole) > maxDecoded {
		return none, unplayable("box %q has %d bytes", b.kind, len(b.whole))
	}
	decoded, err := mp4.DecodeBoxSR(0, bits.NewFixedSliceReader(b.whole))
	if err != nil {
		return none, unplayable("box %q: %v", b.kind, err)
	}
	typed, ok := decoded.(T)
	if !ok {
		return none, unplayable("box %q is none", b.kind)
	}
	return typed, nil
}
