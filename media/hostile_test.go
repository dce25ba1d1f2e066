package media_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"heyq/media"
)

// boxOf is a box of that kind around what it holds.
func boxOf(kind string, inside ...[]byte) []byte {
	payload := bytes.Join(inside, nil)
	b := binary.BigEndian.AppendUint32(nil, uint32(8+len(payload)))
	return append(append(b, kind...), payload...)
}

func u32(list ...uint32) []byte {
	var b []byte
	for _, n := range list {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	return b
}

// forged describes a small film, which the tests then spoil.
type forged struct {
	ticks         uint32 // of the movie header, 1,000 a second
	width, height uint16
	sizes, times  []byte // of the picture: stsz, stts
	media         []byte
}

func whole() forged {
	return forged{
		ticks: 10_000, width: 320, height: 180,
		sizes: u32(0, 0, 2, 5, 5), times: u32(0, 1, 2, 5_000), media: make([]byte, 10),
	}
}

func (f forged) moov(more ...[]byte) []byte {
	mvhd := append(u32(0, 0, 0, 1000, f.ticks), make([]byte, 80)...)
	mdhd := append(u32(0, 0, 0, 1000, f.ticks), 0, 0, 0, 0)
	hdlr := append(append(u32(0, 0), "vide"...), make([]byte, 13)...)
	picture := append(make([]byte, 24), byte(f.width>>8), byte(f.width), byte(f.height>>8), byte(f.height))
	stsd := append(u32(0, 1), boxOf("avc1", picture, make([]byte, 50))...)
	stbl := boxOf("stbl", boxOf("stsd", stsd), boxOf("stts", f.times), boxOf("stsz", f.sizes))
	mdia := boxOf("mdia", boxOf("mdhd", mdhd), boxOf("hdlr", hdlr), boxOf("minf", stbl))
	return boxOf("moov", boxOf("mvhd", mvhd), boxOf("trak", mdia), bytes.Join(more, nil))
}

func (f forged) file(more ...[]byte) []byte {
	return bytes.Join([][]byte{boxOf("ftyp", []byte("isom")), f.moov(more...), boxOf("mdat", f.media)}, nil)
}

// TestProbe_bounds: what a stranger's file costs is bounded, however it is made.
// It limits the stack of the whole process, so it is not parallel.
func TestProbe_bounds(t *testing.T) {
	defer debug.SetMaxStack(debug.SetMaxStack(16 << 20))
	nested := func(size int) []byte { // trak within trak within trak
		all := bytes.Repeat([]byte("....trak"), size/8)
		for at := 0; at < len(all); at += 8 {
			binary.BigEndian.PutUint32(all[at:], uint32(len(all)-at))
		}
		return all
	}
	spoilt := func(change func(*forged)) []byte {
		f := whole()
		change(&f)
		return f.file()
	}
	for name, c := range map[string]struct {
		data []byte
		want string // "" it is a film
	}{
		"a film":                    {whole().file(), ""},
		"deep boxes in it":          {whole().file(nested(4 << 20)), ""},
		"32 MiB of deep boxes":      {whole().file(nested(32 << 20)), "its movie header has 33"},
		"many boxes":                {append(whole().file(), bytes.Repeat(boxOf("free"), 10_000)...), "over 10000 boxes"},
		"many boxes in the header":  {whole().file(bytes.Repeat(boxOf("free"), 10_000)), "over 10000 boxes"},
		"two headers":               {append(whole().file(), whole().moov()...), "two movie headers"},
		"a long box to decode":      {whole().file(boxOf("mvhd", make([]byte, 1<<20))), `box "mvhd" has 1048584 bytes`},
		"no width":                  {spoilt(func(f *forged) { f.width = 0 }), "its picture is 0×180"},
		"no height":                 {spoilt(func(f *forged) { f.height = 0 }), "its picture is 320×0"},
		"sizes that overflow":       {spoilt(func(f *forged) { f.sizes = u32(0, 0xffffffff, 0xffffffff) }), "its samples have over"},
		"sizes of more than media":  {spoilt(func(f *forged) { f.sizes = u32(0, 6, 2) }), "its samples have over 12 bytes, and 10 are there"},
		"sizes that are not there":  {spoilt(func(f *forged) { f.sizes = u32(0, 0, 0x40000000, 5, 5) }), "names 1073741824 samples, and has 2"},
		"a cut table of sizes":      {spoilt(func(f *forged) { f.sizes = u32(0, 0) }), "a table of sizes has 8 bytes"},
		"no samples":                {spoilt(func(f *forged) { f.sizes = u32(0, 0, 0) }), "no duration"},
		"no times":                  {spoilt(func(f *forged) { f.times = u32(0, 0) }), "no duration"},
		"times that overflow":       {spoilt(func(f *forged) { f.times = u32(0, 2, 1, 0xffffffff, 0xffffffff, 0xffffffff) }), "no duration"},
		"times that are cut":        {spoilt(func(f *forged) { f.times = u32(0, 9, 2)[:9] }), "no duration"},
		"times of no sample at all": {spoilt(func(f *forged) { f.sizes, f.times = u32(0, 1, 1), u32(0, 2, 1, 0, 0xffffffff, 5_000) }), "no duration"},
	} {
		path := filepath.Join(t.TempDir(), "x.mp4")
		writeFile(t, path, c.data)
		_, err := media.Probe(t.Context(), path)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (!errors.Is(err, media.ErrNotPlayable) || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

// TestProbe_believes_the_samples: a header that says more than the samples last is
// not believed.
func TestProbe_believes_the_samples(t *testing.T) {
	t.Parallel()
	f := whole()
	f.ticks = 333_000
	path := filepath.Join(t.TempDir(), "x.mp4")
	writeFile(t, path, f.file())
	got, err := media.Probe(t.Context(), path)
	if err != nil || got.Duration != 10*time.Second {
		t.Errorf("got %v, %v, want 10s", got.Duration, err)
	}
}

func TestProbe_ends_with_its_context(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := media.Probe(ctx, "testdata/tiny.mp4")
	if !errors.Is(err, context.Canceled) || errors.Is(err, media.ErrNotPlayable) {
		t.Errorf("got %v", err)
	}
}
