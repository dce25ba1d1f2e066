package handlers

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"time"

	"heyq/heygen"
	"heyq/jobs"
	"heyq/media"
)

// This file decides what a file has to be like before its video is completed:
// what was asked for, and what HeyGen says of it.

// promiseWaits are the waits before a file that is not as promised is fetched
// again, from a fresh link. After the last one a person looks at it.
var promiseWaits = []time.Duration{5 * time.Second, 30 * time.Second}

// promise is what a film has to be like. Zero values promise nothing.
type promise struct {
	lasts         time.Duration // as HeyGen says
	spoken        bool
	burned        bool // captions stand in the picture
	width, height int
	lines         int     // what its resolution counts
	ratio         float64 // width by height
	square        bool    // the longer side is what has that many lines: of the others nothing is known
}

// lines are the pixels of a resolution: of the shorter side at 16:9 and 9:16.
var lines = map[string]int{"720p": 720, "1080p": 1080, "4k": 2160}

// wide are the aspect ratios for which the resolution, such as 1080p, names the shorter side.
var wide = map[string]bool{"16:9": true, "9:16": true}

// promiseOf reads a request, and HeyGen's answer about its render.
func promiseOf(r jobs.Render, v heygen.Video) promise {
	body := passedBody(r.HeyGen)
	p := promise{
		lasts:  lasting(v),
		spoken: r.Script != "" || r.AudioURL != "" || body.spoken(),
		burned: burned(r),
		lines:  lines[cmp.Or(r.Resolution, body.text("resolution"))],
	}
	dimension := body.object("dimension")
	p.width, p.height = dimension.number("width"), dimension.number("height")
	aspect := cmp.Or(r.AspectRatio, body.text("aspect_ratio"))
	p.square = !wide[aspect]
	var w, h float64
	if n, _ := fmt.Sscanf(aspect, "%g:%g", &w, &h); n == 2 && w > 0 && h > 0 {
		p.ratio = w / h
	}
	return p
}

// lasting is how long HeyGen says that a film lasts; 0 if it does not, or says
// what no film can.
func lasting(v heygen.Video) time.Duration {
	const most = 24 * time.Hour
	if !(v.Duration > 0 && v.Duration < most.Seconds()) {
		return 0
	}
	return time.Duration(v.Duration * float64(time.Second))
}

// burned reports whether captions in the picture were asked for: HeyGen gives a
// film of its own then. A template's are always there.
func burned(r jobs.Render) bool {
	return r.TemplateID != "" && r.Caption || passedBody(r.HeyGen).object("caption")["style"] != nil
}

// broken says what of the promise a file does not keep; empty: it keeps all.
func (p promise) broken(f media.Facts) string {
	var why []string
	not := func(wrong bool, format string, args ...any) {
		if wrong {
			why = append(why, fmt.Sprintf(format, args...))
		}
	}
	// A muxer rounds to frames, and HeyGen to tenths.
	off := (f.Duration - p.lasts).Abs()
	not(p.lasts > 0 && off > time.Second+p.lasts/100, "it lasts %s, and HeyGen says %s", tenths(f.Duration), tenths(p.lasts))
	switch {
	case !p.spoken:
	case f.AudioCodec == "":
		not(true, "it has no sound track, and something is said in it")
	case f.Silent:
		not(true, "its sound is silent, and something is said in it")
	default:
		not(f.Sound < f.Duration/2, "its sound lasts %s of %s", tenths(f.Sound), tenths(f.Duration))
	}
	not(p.width > 0 && p.width != f.Width || p.height > 0 && p.height != f.Height,
		"its picture is %d×%d, and %d×%d was asked for", f.Width, f.Height, p.width, p.height)
	side := min(f.Width, f.Height)
	if p.square {
		side = max(f.Width, f.Height)
	}
	not(side < p.lines*9/10, "its picture is %d×%d, and %dp was asked for", f.Width, f.Height, p.lines)
	shape := float64(f.Width) / float64(f.Height)
	not(p.ratio > 0 && math.Abs(shape/p.ratio-1) > 0.03, "its picture is %d×%d, which is not the shape that was asked for", f.Width, f.Height)
	return strings.Join(why, "; ")
}

func tenths(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

// film is where the promised film is. The plain one stands in for the one with
// captions, which HeyGen makes later.
func (p promise) film(v heygen.Video) (link, broken string) {
	switch {
	case !p.burned:
		return v.VideoURL, ""
	case v.CaptionedVideoURL != "":
		return v.CaptionedVideoURL, ""
	default:
		return v.VideoURL, "captions were to stand in the picture, and HeyGen has no such film"
	}
}

// passedBody is a part of a body that a caller wrote for HeyGen; nil has nothing.
type passedBody map[string]any

func (a passedBody) text(name string) string {
	s, _ := a[name].(string)
	return s
}

func (a passedBody) number(name string) int {
	n, _ := a[name].(float64)
	return int(n)
}

func (a passedBody) object(name string) passedBody {
	m, _ := a[name].(map[string]any)
	return m
}

// spoken reports whether a body, or a scene of it, has something to say.
func (a passedBody) spoken() bool {
	for _, source := range []string{"script", "audio_url", "audio_asset_id"} {
		if a.text(source) != "" {
			return true
		}
	}
	if input := a.object("input"); input != nil && input.spoken() {
		return true
	}
	scenes, _ := a["scenes"].([]any)
	for _, scene := range scenes {
		if m, _ := scene.(map[string]any); passedBody(m).spoken() {
			return true
		}
	}
	return false
}
