package simulator_test

import (
	"bytes"
	"crypto/sha256"
	"image/jpeg"
	"strings"
	"testing"
	"time"

	"github.com/Eyevinn/mp4ff/mp4"
	"github.com/google/go-cmp/cmp"

	"heyq/heygen/simulator"
)

func TestMovie_isReal(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	v := get[video](a, "/v3/videos/"+a.create("Hello, Ada"))
	r := a.do("GET", v.VideoURL, nil, "X-Api-Key", "")
	if r.status != 200 || r.header.Get("Content-Type") != "video/mp4" || r.header.Get("Etag") == "" || r.header.Get("Accept-Ranges") != "bytes" {
		t.Fatalf("%d %v", r.status, r.header)
	}

	file, err := mp4.DecodeFile(strings.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	if seconds := float64(file.Moov.Mvhd.Duration) / float64(file.Moov.Mvhd.Timescale); seconds != v.Duration {
		t.Errorf("the file lasts %v s, the API says %v", seconds, v.Duration)
	}
	var kinds []string
	for _, track := range file.Moov.Traks {
		kinds = append(kinds, track.Mdia.Hdlr.HandlerType, track.Mdia.Minf.Stbl.Stsd.Children[0].Type())
	}
	if diff := cmp.Diff([]string{"vide", "avc1", "soun", "mp4a"}, kinds); diff != "" {
		t.Error(diff)
	}
	label, ok := file.Children[len(file.Children)-1].(*mp4.FreeBox)
	if !ok || !strings.Contains(r.body, v.ID) || !strings.Contains(r.body, "Hello, Ada") {
		t.Errorf("the last box is %T and does not tell whose file it is", label)
	}
}

func TestMovie_isUnique(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	seen := map[[32]byte]string{}
	for range 2 {
		body := speaking.with(object{"title": "same", "caption": object{"style": "default"}})
		made := data[struct {
			VideoID string `json:"video_id"`
		}](t, a.do("POST", "/v3/videos", body))
		v := get[video](a, "/v3/videos/"+made.VideoID)
		for _, link := range []string{v.VideoURL, v.CaptionedURL} {
			sum := sha256.Sum256([]byte(a.do("GET", link, nil).body))
			if other, taken := seen[sum]; taken {
				t.Errorf("%s and %s are the same file", link, other)
			}
			seen[sum] = link
		}
	}
}

func TestFile_ranges(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	link := get[video](a, "/v3/videos/"+a.create("one")).VideoURL
	whole := a.do("GET", link, nil)
	tag := whole.header.Get("Etag")
	size := len(whole.body)
	for name, c := range map[string]struct {
		headers []string
		status  int
		body    string
	}{
		"beginning":       {[]string{"Range", "bytes=0-99"}, 206, whole.body[:100]},
		"to the end":      {[]string{"Range", "bytes=1000-"}, 206, whole.body[1000:]},
		"last":            {[]string{"Range", "bytes=-200"}, 206, whole.body[size-200:]},
		"same file":       {[]string{"Range", "bytes=5-9", "If-Range", tag}, 206, whole.body[5:10]},
		"another file":    {[]string{"Range", "bytes=5-9", "If-Range", `"other"`}, 200, whole.body},
		"behind the end":  {[]string{"Range", "bytes=9999999-"}, 416, ""},
		"already fetched": {[]string{"If-None-Match", tag}, 304, ""},
	} {
		r := a.do("GET", link, nil, c.headers...)
		if r.status != c.status || c.body != "" && r.body != c.body {
			t.Errorf("%s: %d with %d bytes, want %d with %d", name, r.status, len(r.body), c.status, len(c.body))
		}
	}
	if r := a.do("HEAD", link, nil); r.status != 200 || r.header.Get("Content-Length") != whole.header.Get("Content-Length") {
		t.Errorf("HEAD: %d %v", r.status, r.header)
	}
}

func TestLink_expires(t *testing.T) {
	t.Parallel()
	c := newClock()
	a := start(t, simulator.Options{LinkLifetime: time.Hour, Clock: c.now})
	id := a.create("one")
	link := get[video](a, "/v3/videos/"+id).VideoURL

	c.advance(time.Hour - time.Second)
	if r := a.do("GET", link, nil); r.status != 200 {
		t.Errorf("just in time: %d", r.status)
	}
	c.advance(time.Second)
	if r := a.do("GET", link, nil); r.status != 403 || r.header.Get("Content-Type") != "application/xml" {
		t.Errorf("too late: %d %s", r.status, r.body)
	}
	fresh := get[video](a, "/v3/videos/"+id).VideoURL
	if r := a.do("GET", fresh, nil); fresh == link || r.status != 200 {
		t.Errorf("a fresh link: %d", r.status)
	}
}

func TestLink_isGoodForOneFileOnly(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	one := get[video](a, "/v3/videos/"+a.create("one"))
	two := get[video](a, "/v3/videos/"+a.create("two"))
	for name, link := range map[string]string{
		"another video":   strings.Replace(one.VideoURL, one.ID, two.ID, 1),
		"another file":    strings.Replace(one.VideoURL, "video.mp4", "thumbnail.jpg", 1),
		"a later end":     strings.Replace(one.VideoURL, "expires=1", "expires=2", 1),
		"no signature":    one.VideoURL[:strings.Index(one.VideoURL, "&signature=")],
		"nothing but it":  one.VideoURL[:strings.Index(one.VideoURL, "?")],
		"a file of a lie": strings.Replace(one.VideoURL, "video.mp4", "other.mp4", 1),
	} {
		if r := a.do("GET", link, nil); r.status != 403 {
			t.Errorf("%s: %d", name, r.status)
		}
	}
}

func TestThumbnail(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	pictures := map[string]bool{}
	titles := []string{"", "Ada", "Grace", "Добрый день", "a word " + strings.Repeat("and another ", 30), strings.Repeat("x", 300)}
	for _, title := range titles {
		v := get[video](a, "/v3/videos/"+a.create(title))
		r := a.do("GET", v.ThumbnailURL, nil)
		if r.header.Get("Content-Type") != "image/jpeg" {
			t.Errorf("%q: %s", title, r.header.Get("Content-Type"))
		}
		picture, err := jpeg.Decode(bytes.NewBufferString(r.body))
		if err != nil {
			t.Fatalf("%q: %v", title, err)
		}
		if size := picture.Bounds(); size.Dx()*9 != size.Dy()*16 {
			t.Errorf("%q: %v is not 16:9", title, size)
		}
		pictures[r.body] = true
	}
	if len(pictures) != len(titles) {
		t.Errorf("%d different pictures of %d titles", len(pictures), len(titles))
	}
}

func TestCaptions(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	script := "Hello Ada, and welcome! Everyone here has read your notes on the engine, and we are glad that you came."
	made := data[struct {
		VideoID string `json:"video_id"`
	}](t, a.do("POST", "/v3/videos", speaking.with(object{"script": script})))
	v := get[video](a, "/v3/videos/"+made.VideoID)
	if v.CaptionedURL != "" {
		t.Error("captions were burned in though nobody asked")
	}
	r := a.do("GET", v.SubtitleURL, nil)
	want := `1
00:00:00,000 --> 00:00:01,333
Hello Ada, and welcome! Everyone here has

2
00:00:01,333 --> 00:00:02,666
read your notes on the engine, and we are

3
00:00:02,666 --> 00:00:03,999
glad that you came.

`
	if diff := cmp.Diff(want, r.body); diff != "" {
		t.Error(diff)
	}
	if r.header.Get("Content-Type") != "application/x-subrip; charset=utf-8" {
		t.Error(r.header.Get("Content-Type"))
	}
}

func TestPlain_hasTheVideoAlone(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{Plain: true})
	v := get[video](a, "/v3/videos/"+a.create("Plain"))
	if v.VideoURL == "" || v.ThumbnailURL != "" || v.SubtitleURL != "" {
		t.Errorf("links: video %q, thumbnail %q, captions %q", v.VideoURL, v.ThumbnailURL, v.SubtitleURL)
	}
}
