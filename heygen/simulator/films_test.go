package simulator_test

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/Eyevinn/mp4ff/mp4"

	"heyq/heygen/simulator"
)

// decode reads a movie, its sound and picture last.
func decode(t *testing.T, content string) (seconds float64, tracks int, picture, sound *mp4.StblBox) {
	t.Helper()
	file, err := mp4.DecodeFile(strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	for _, track := range file.Moov.Traks {
		if track.Mdia.Hdlr.HandlerType == "soun" {
			sound = track.Mdia.Minf.Stbl
		} else {
			picture = track.Mdia.Minf.Stbl
		}
	}
	return float64(file.Moov.Mvhd.Duration) / float64(file.Moov.Mvhd.Timescale), len(file.Moov.Traks), picture, sound
}

func TestFilm_has_the_size_that_was_asked_for(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	for _, c := range []struct {
		resolution, aspect string
		width, height      uint16
	}{
		{"", "", 640, 360},
		{"", "auto", 640, 360},
		{"1080p", "", 1920, 1080},
		{"4k", "9:16", 2160, 3840},
		{"720p", "4:5", 720, 900},
		{"720p", "5:4", 900, 720},
		{"1080p", "1:1", 1080, 1080},
		{"", "16:9", 1280, 720},
		{"1080p", "auto", 1920, 1080},
	} {
		body := speaking.with(object{"title": "size"})
		if c.resolution != "" {
			body = body.with(object{"resolution": c.resolution})
		}
		if c.aspect != "" {
			body = body.with(object{"aspect_ratio": c.aspect})
		}
		made := data[struct {
			VideoID string `json:"video_id"`
		}](t, a.do("POST", "/v3/videos", body))
		got := a.do("GET", get[video](a, "/v3/videos/"+made.VideoID).VideoURL, nil)
		_, _, picture, _ := decode(t, got.body)
		if avc := picture.Stsd.AvcX; avc.Width != c.width || avc.Height != c.height {
			t.Errorf("%s at %s is %d×%d, want %d×%d", c.resolution, c.aspect, avc.Width, avc.Height, c.width, c.height)
		}
		sum := sha256.Sum256([]byte(got.body))
		if want := base64.StdEncoding.EncodeToString(sum[:]); got.header.Get("x-amz-checksum-sha256") != want {
			t.Error("the checksum is not the file's")
		}
	}
}

func TestFileFaults_films_that_are_not_as_promised(t *testing.T) {
	t.Parallel()
	for fault, good := range map[string]func(seconds float64, tracks int, picture, sound *mp4.StblBox) bool{
		"no_sound": func(s float64, tracks int, _, sound *mp4.StblBox) bool { return s == 4 && tracks == 1 && sound == nil },
		"silent": func(s float64, _ int, _, sound *mp4.StblBox) bool {
			return s == 4 && sound != nil && sound.Stsz.SampleSize[50] == 4
		},
		"too_short": func(s float64, tracks int, _, _ *mp4.StblBox) bool { return s == 1 && tracks == 2 },
		"foreign":   func(s float64, tracks int, _, _ *mp4.StblBox) bool { return s == 12 && tracks == 2 },
		"no_size":   func(_ float64, _ int, picture, _ *mp4.StblBox) bool { return picture.Stsd.AvcX.Width == 0 },
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			a := start(t, simulator.Options{})
			link := get[video](a, "/v3/videos/"+a.create("one")).VideoURL
			whole := a.do("GET", link, nil)
			a.faulty(simulator.Rule{On: "file", Fault: fault})
			got := a.do("GET", link, nil)
			sum := sha256.Sum256([]byte(got.body))
			if got.status != 200 || len(got.body) != len(whole.body) || got.header.Get("Etag") == whole.header.Get("Etag") ||
				got.header.Get("x-amz-checksum-sha256") != base64.StdEncoding.EncodeToString(sum[:]) {
				t.Errorf("%d, %d bytes for %d, %v", got.status, len(got.body), len(whole.body), got.header)
			}
			if !good(decode(t, got.body)) {
				t.Error("the film is not spoilt so")
			}
			a.faulty()
			if again := a.do("GET", link, nil); again.body != whole.body {
				t.Error("it stays spoilt")
			}
		})
	}
}
