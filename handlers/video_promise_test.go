package handlers

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"heyq/heygen"
	"heyq/heygen/simulator"
	"heyq/jobs"
	"heyq/media"
	"heyq/store"
)

// rendered has a simulator render what is asked for, and returns a run of its
// download.
func rendered(t *testing.T, b *bench, r jobs.Render) store.Run {
	t.Helper()
	run := newRun(store.Submitting)
	var err error
	if run.Request, err = json.Marshal(r); err != nil {
		t.Fatal(err)
	}
	e := b.createVideo(t.Context(), run, newSendDeadline(b.Lease))
	if e.To != store.Rendering {
		t.Fatalf("the create ended as %+v: %v", e, e.Cause)
	}
	run.HeyGenID, run.State, run.Run = e.HeyGenID, store.Downloading, 7
	return run
}

// newSimulator returns a HeyGen that renders at once, and handlers that ask it.
func newSimulator(t *testing.T) (*simulator.Simulator, *bench) {
	t.Helper()
	sim, err := simulator.New(simulator.Options{Concurrency: 100})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	return sim, newBench(t, sim)
}

var speech = jobs.Render{Script: "Hello Ada", AvatarID: "avatar_1", VoiceID: "voice_1"}

// A film that is not as promised is fetched again, twice, and then kept for a
// person; it is never completed.
func TestDownloadVideo_keeps_no_bad_film_for_a_good_one(t *testing.T) {
	t.Parallel()
	for fault, want := range map[string]string{
		"no_sound": "it has no sound track", "silent": "its sound is silent",
		"too_short": "it lasts 1.0 s, and HeyGen says 4.0 s", "foreign": "it lasts 12.0 s, and HeyGen says 4.0 s",
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			sim, b := newSimulator(t)
			run := rendered(t, b, speech)
			faulty(t, sim, simulator.Rule{On: "file", Fault: fault})
			for run.Attempt = range promiseWaits {
				e := b.downloadVideo(t.Context(), run, sendDeadline{})
				if e.To != store.Downloading || e.Attempts != store.CountAttempt || e.Due != promiseWaits[run.Attempt] || !strings.Contains(e.Cause.Error(), want) {
					t.Errorf("attempt %d ended as %+v", run.Attempt, e)
				}
			}
			run.Attempt++
			e := b.downloadVideo(t.Context(), run, sendDeadline{})
			prefix := "videos/" + run.Video.String() + "/7/"
			if e.To != store.Failed || e.Failure.Code != store.NeedsReview || e.Failure.Step != store.Download || e.MediaPrefix != prefix ||
				e.File == nil || e.File.Promised != 4*time.Second || e.RenderDead || !strings.Contains(e.Failure.Message, want) {
				t.Errorf("ended as %+v with %+v", e, e.Failure)
			}
			if files := filesUnder(t, filepath.Join(b.dir, "media", prefix)); len(files) != 5 {
				t.Errorf("kept %v", files)
			}
			if left := parts(t, b.dir); len(left) > 0 {
				t.Errorf("left in the spool: %v", left)
			}
			faulty(t, sim)
			run.Attempt, run.Run = 1, 8
			if e := b.downloadVideo(t.Context(), run, sendDeadline{}); e.To != store.Completed || e.File.AudioCodec != "aac" || e.File.Promised != 4*time.Second {
				t.Errorf("once HeyGen has the right one it ended as %+v", e)
			}
		})
	}
}

// What the simulator makes keeps the promise, whatever was asked for.
func TestDownloadVideo_completes_what_is_as_promised(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]jobs.Render{
		"a script": speech,
		"4k":       {Script: "Hello", AvatarID: "avatar_1", VoiceID: "voice_1", Resolution: "4k", AspectRatio: "9:16"},
		"square":   {Script: "Hello", AvatarID: "avatar_1", VoiceID: "voice_1", Resolution: "1080p", AspectRatio: "1:1"},
		"auto":     {Script: "Hello", AvatarID: "avatar_1", VoiceID: "voice_1", AspectRatio: "auto", Caption: true},
		"template": {TemplateID: "template_1", Variables: map[string]any{"name": "Ada"}, Caption: true},
		"passed": {HeyGen: map[string]any{
			"type": "image", "image": map[string]any{"type": "url", "url": "https://example.com/a.png"}, "script": "Hi", "voice_id": "voice_1",
			"resolution": "720p", "aspect_ratio": "4:5", "caption": map[string]any{"file_format": "srt", "style": "default"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, b := newSimulator(t)
			if e := b.downloadVideo(t.Context(), rendered(t, b, r), sendDeadline{}); e.To != store.Completed {
				t.Errorf("ended as %+v: %v", e, e.Cause)
			}
		})
	}
}

// Captions that were to stand in the picture are in another film than the plain
// one.
func TestDownloadVideo_fetches_the_film_with_captions(t *testing.T) {
	t.Parallel()
	sim, b := newSimulator(t)
	run := rendered(t, b, jobs.Render{TemplateID: "template_1", Variables: map[string]any{}, Caption: true})
	e := b.downloadVideo(t.Context(), run, sendDeadline{})
	if e.To != store.Completed {
		t.Fatalf("ended as %+v", e)
	}
	ledger := httptest.NewRecorder()
	sim.ServeHTTP(ledger, httptest.NewRequest(http.MethodGet, "/_sim/ledger", nil))
	var made simulator.Ledger
	if err := json.Unmarshal(ledger.Body.Bytes(), &made); err != nil {
		t.Fatal(err)
	}
	if got := made.Renders[0].SHA256; got != e.File.SHA256 {
		t.Errorf("fetched %s, and the film with captions is %s", e.File.SHA256, got)
	}
}

// HeyGen makes them after the film: they are waited for, and then a person decides.
func TestDownloadVideo_waits_for_the_film_with_captions(t *testing.T) {
	t.Parallel()
	web := newHost(t)
	b := newBench(t, web)
	run := downloadRun(0)
	run.Request = json.RawMessage(`{"template_id":"template_1","caption":true}`)
	if e := b.downloadVideo(t.Context(), run, sendDeadline{}); e.To != store.Downloading || e.Attempts != store.CountAttempt {
		t.Errorf("ended as %+v", e)
	}
	run.Attempt = len(promiseWaits)
	if e := b.downloadVideo(t.Context(), run, sendDeadline{}); e.To != store.Failed || e.Failure.Code != store.NeedsReview || !strings.Contains(e.Failure.Message, "captions") || e.MediaPrefix == "" {
		t.Errorf("ended as %+v", e)
	}
}

func faulty(t *testing.T, sim *simulator.Simulator, rules ...simulator.Rule) {
	t.Helper()
	if err := sim.SetFaults(simulator.Faults{Rules: rules}); err != nil {
		t.Fatal(err)
	}
}

func TestPromise(t *testing.T) {
	t.Parallel()
	good := media.Facts{Duration: 10 * time.Second, Width: 1920, Height: 1080, AudioCodec: "aac", Sound: 10 * time.Second}
	passed := func(body string) jobs.Render {
		var r jobs.Render
		if err := json.Unmarshal([]byte(body), &r.HeyGen); err != nil {
			t.Fatal(err)
		}
		return r
	}
	scene := passed(`{"type":"studio","scenes":[{"type":"video"},{"type":"avatar_video","input":{"script":"Hi"}}]}`)
	mute := func(f *media.Facts) { f.AudioCodec, f.Sound = "", 0 }
	size := func(w, h int) func(*media.Facts) { return func(f *media.Facts) { f.Width, f.Height = w, h } }
	lasts := func(d time.Duration) func(*media.Facts) { return func(f *media.Facts) { f.Duration, f.Sound = d, d } }
	for _, c := range []struct {
		name     string
		render   jobs.Render
		duration float64
		change   func(*media.Facts)
		want     string
	}{
		{"a script", jobs.Render{Script: "Hi"}, 10, func(*media.Facts) {}, ""},
		{"a script without sound", jobs.Render{Script: "Hi"}, 10, mute, "no sound track"},
		{"a recording without sound", jobs.Render{AudioURL: "https://a/b"}, 10, mute, "no sound track"},
		{"a scene without sound", scene, 10, mute, "no sound track"},
		{"a template without sound may be so", jobs.Render{TemplateID: "a"}, 10, mute, ""},
		{"a scene in which nothing is said", passed(`{"type":"studio","scenes":[{"type":"video"}]}`), 10, mute, ""},
		{"a script in silence", jobs.Render{Script: "Hi"}, 10, func(f *media.Facts) { f.Silent = true }, "silent"},
		{"sound that ends early", jobs.Render{Script: "Hi"}, 10, func(f *media.Facts) { f.Sound = 4 * time.Second }, "its sound lasts 4.0 s of 10.0 s"},
		{"no word of HeyGen's", jobs.Render{Script: "Hi"}, 0, lasts(time.Second), ""},
		{"a word that is none", jobs.Render{Script: "Hi"}, 1e300, lasts(time.Second), ""},
		{"rounded", jobs.Render{Script: "Hi"}, 10.9, func(*media.Facts) {}, ""},
		{"too short", jobs.Render{Script: "Hi"}, 333, lasts(4 * time.Second), "it lasts 4.0 s, and HeyGen says 333.0 s"},
		{"too long", jobs.Render{Script: "Hi"}, 10, lasts(12 * time.Second), "HeyGen says 10.0 s"},
		{"an hour, rounded", jobs.Render{Script: "Hi"}, 3600, lasts(3570 * time.Second), ""},
		{"as large as asked for", jobs.Render{Resolution: "1080p", AspectRatio: "16:9"}, 10, func(*media.Facts) {}, ""},
		{"larger", jobs.Render{Resolution: "720p"}, 10, func(*media.Facts) {}, ""},
		{"too small", jobs.Render{Resolution: "1080p", AspectRatio: "16:9"}, 10, size(1280, 720), "1280×720, and 1080p was asked for"},
		{"upright and too small", jobs.Render{Resolution: "1080p", AspectRatio: "9:16"}, 10, size(720, 1280), "1080p was asked for"},
		{"another shape", jobs.Render{AspectRatio: "9:16"}, 10, func(*media.Facts) {}, "not the shape"},
		{"4:5, counted by its longer side", jobs.Render{Resolution: "1080p", AspectRatio: "4:5"}, 10, size(864, 1080), ""},
		{"auto has any shape", jobs.Render{AspectRatio: "auto", Resolution: "1080p"}, 10, size(608, 1080), ""},
		{"a dimension", passed(`{"dimension":{"width":1920,"height":1080}}`), 10, func(*media.Facts) {}, ""},
		{"another dimension", passed(`{"dimension":{"width":1280,"height":720}}`), 10, func(*media.Facts) {}, "1280×720 was asked for"},
		{"a passed size", passed(`{"resolution":"4k","aspect_ratio":"16:9"}`), 10, func(*media.Facts) {}, "2160p was asked for"},
		{"a resolution nobody knows", passed(`{"resolution":"480p"}`), 10, size(640, 480), ""},
	} {
		facts := good
		c.change(&facts)
		got := promiseOf(c.render, heygen.Video{Duration: c.duration}).broken(facts)
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
