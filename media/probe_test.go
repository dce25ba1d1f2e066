package media_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"heyq/media"
)

// freeBox is a box of n bytes that holds nothing.
func freeBox(n int) []byte {
	b := make([]byte, n)
	binary.BigEndian.PutUint32(b, uint32(n))
	copy(b[4:], "free")
	return b
}

func TestProbe_reads_the_facts(t *testing.T) {
	t.Parallel()
	sample := tiny(t)
	want := media.Facts{
		Bytes: int64(len(sample)), Duration: 2 * time.Second, Width: 320, Height: 180,
		VideoCodec: "h264", AudioCodec: "aac", BitRate: int64(len(sample)) * 8 / 2, Sound: 2023219954,
	}
	got, err := media.Probe(t.Context(), "testdata/tiny.mp4")
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("err %v (-want +got):\n%s", err, diff)
	}
	path := filepath.Join(t.TempDir(), "padded.mp4")
	writeFile(t, path, append(sample, freeBox(1000)...))
	openEnd := bytes.Clone(sample)
	copy(openEnd[bytes.Index(sample, []byte("mdat"))-4:], []byte{0, 0, 0, 0})
	writeFile(t, path+".open", openEnd)
	if got, err := media.Probe(t.Context(), path+".open"); err != nil || got != want {
		t.Errorf("with media that go to the end: %+v, %v", got, err)
	}
	got, err = media.Probe(t.Context(), path)
	if err != nil || got.Bytes != want.Bytes+1000 || got.Duration != want.Duration {
		t.Errorf("with a free box at its end: %+v, %v", got, err)
	}
}

func TestProbe_refuses(t *testing.T) {
	t.Parallel()
	sample := tiny(t)
	change := func(what, with string) []byte {
		if bytes.Count(sample, []byte(what)) == 0 {
			t.Fatalf("the sample holds no %q", what)
		}
		return bytes.Replace(sample, []byte(what), []byte(with), 1)
	}
	noDuration := bytes.Clone(sample)
	mvhd := bytes.Index(sample, []byte("mvhd"))
	copy(noDuration[mvhd+4+16:], []byte{0, 0, 0, 0})
	endless := bytes.Clone(noDuration)
	copy(endless[mvhd+4+16:], []byte{0xff, 0xff, 0xff, 0xfe})
	openEnd := bytes.Clone(sample) // its media go "to the end"
	mdat := bytes.Index(sample, []byte("mdat"))
	copy(openEnd[mdat-4:], []byte{0, 0, 0, 0})
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"nothing":               {nil, "no movie header"},
		"HTML":                  {[]byte("<!DOCTYPE html><html>Not found</html>"), `begins with "<!DOCTYPE html><`},
		"XML":                   {[]byte("<?xml?><Error>"), "begins with"},
		"a few bytes":           {sample[:5], "begins with"},
		"cut in the media":      {sample[:len(sample)-1], "box \"mdat\" has"},
		"cut with an open end":  {openEnd[:len(openEnd)-1], "its samples have"},
		"cut in half":           {sample[:len(sample)/2], "box \"mdat\" has"},
		"cut in the header":     {sample[:400], "box \"moov\" has"},
		"no media":              {change("mdat", "free"), "no media"},
		"no movie header":       {change("moov", "free"), "no movie header"},
		"no duration":           {noDuration, "no duration"},
		"an absurd duration":    {endless, "no duration"},
		"no tracks":             {bytes.ReplaceAll(sample, []byte("trak"), []byte("free")), "no picture"},
		"a box within a header": {append(bytes.Clone(sample), 0, 0, 0), "ends within the header"},
		"a box of no length":    {append(bytes.Clone(sample), 0, 0, 0, 3, 'f', 'r', 'e', 'e'), "has a length of 3"},
		"a huge box":            {append(bytes.Clone(sample), 0, 0, 0, 1, 'm', 'd', 'a', 't', 255, 255, 255, 255, 255, 255, 255, 255), "has 46"},
		"a broken inner box":    {change("mdia", "mdi\x00"), "no picture"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "x.mp4")
			writeFile(t, path, c.data)
			_, err := media.Probe(t.Context(), path)
			if !errors.Is(err, media.ErrNotPlayable) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestProbe_of_no_file_is_no_verdict(t *testing.T) {
	t.Parallel()
	_, err := media.Probe(t.Context(), filepath.Join(t.TempDir(), "gone.mp4"))
	if !errors.Is(err, os.ErrNotExist) || errors.Is(err, media.ErrNotPlayable) {
		t.Errorf("got %v", err)
	}
}
