package handlers

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/uuid"

	"heyq/jobs"
	"heyq/store"
)

var ada = uuid.MustParse("01900000-0000-7000-8000-00000000ada0")

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		submission, refusals int
		want                 string
	}{
		{1, 0, "01900000-0000-7000-8000-00000000ada0.1"},
		{2, 0, "01900000-0000-7000-8000-00000000ada0.2"},
		{1, 1, "01900000-0000-7000-8000-00000000ada0.1.r1"},
		{2, 13, "01900000-0000-7000-8000-00000000ada0.2.r13"},
	} {
		run := store.Run{Fence: store.Fence{Video: ada}, Submission: c.submission, Refusals: c.refusals}
		if got := idempotencyKey(run); got != c.want {
			t.Errorf("submission %d, %d refusals: key %q, want %q", c.submission, c.refusals, got, c.want)
		}
	}
}

func TestTitle_carries_the_token_whatever_the_key(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ title, want string }{
		{"", "[heyq 01900000-0000-7000-8000-00000000ada0.1 0123abcd]"},
		{"Hello, Ada!", "[heyq 01900000-0000-7000-8000-00000000ada0.1 0123abcd] Hello, Ada!"},
		{strings.Repeat("ä", 5000), "[heyq 01900000-0000-7000-8000-00000000ada0.1 0123abcd] " + strings.Repeat("ä", 45)},
		{strings.Repeat("x", 44) + " y", "[heyq 01900000-0000-7000-8000-00000000ada0.1 0123abcd] " + strings.Repeat("x", 44)},
		{strings.Repeat("x", 40) + "👩‍👩‍👧‍👦👩‍👩‍👧‍👦", "[heyq 01900000-0000-7000-8000-00000000ada0.1 0123abcd] " + strings.Repeat("x", 40)}, // no half family
		{strings.Repeat("x", 44) + "e\u0301", "[heyq 01900000-0000-7000-8000-00000000ada0.1 0123abcd] " + strings.Repeat("x", 44)},
	} {
		run := store.Run{Fence: store.Fence{Video: ada}, Title: c.title, Submission: 1, Refusals: 3}
		got := titles{word: "0123abcd"}.of(run)
		if got != c.want {
			t.Errorf("title %q, want %q", got, c.want)
		}
		if n := utf8.RuneCountInString(got); n > 100 {
			t.Errorf("%q has %d characters", got, n)
		}
	}
}

func TestBody(t *testing.T) {
	t.Parallel()
	const (
		id    = `"01900000-0000-7000-8000-00000000ada0"`
		named = `"[heyq 01900000-0000-7000-8000-00000000ada0.1 0123abcd] Hi"`
	)
	for _, c := range []struct {
		name   string
		render jobs.Render
		want   string
	}{
		{
			"a script in full",
			jobs.Render{Script: "Hello", AvatarID: "a", VoiceID: "v", Resolution: "1080p", AspectRatio: "9:16", Caption: true},
			`{"type":"avatar","script":"Hello","avatar_id":"a","voice_id":"v","resolution":"1080p","aspect_ratio":"9:16",
			  "caption":{"file_format":"srt"},"title":` + named + `,"callback_id":` + id + `}`,
		},
		{
			"a script leaves out what was not given",
			jobs.Render{Script: "Hello", AvatarID: "a"},
			`{"type":"avatar","script":"Hello","avatar_id":"a","title":` + named + `,"callback_id":` + id + `}`,
		},
		{
			"an audio file",
			jobs.Render{AudioURL: "https://example.com/a.mp3", AvatarID: "a"},
			`{"type":"avatar","audio_url":"https://example.com/a.mp3","avatar_id":"a","title":` + named + `,"callback_id":` + id + `}`,
		},
		{
			"a template wraps strings and passes objects",
			jobs.Render{TemplateID: "t", Caption: true, Variables: map[string]any{
				"name": "Ada", "logo": map[string]any{"type": "image", "properties": map[string]any{"url": "https://example.com/l.png"}},
			}},
			`{"variables":{"name":{"type":"text","properties":{"content":"Ada"}},
			               "logo":{"type":"image","properties":{"url":"https://example.com/l.png"}}},
			  "caption":true,"title":` + named + `,"callback_id":` + id + `}`,
		},
		{
			"a template without variables sends an empty object",
			jobs.Render{TemplateID: "t"},
			`{"variables":{},"title":` + named + `,"callback_id":` + id + `}`,
		},
		{
			"a studio video is passed through",
			jobs.Render{HeyGen: map[string]any{"type": "studio", "scenes": []any{map[string]any{"type": "image"}}, "n": 1.5}},
			`{"type":"studio","scenes":[{"type":"image"}],"n":1.5,"title":` + named + `,"callback_id":` + id + `}`,
		},
		{
			"an image as well",
			jobs.Render{HeyGen: map[string]any{"type": "image", "script": "Hi"}},
			`{"type":"image","script":"Hi","title":` + named + `,"callback_id":` + id + `}`,
		},
		{
			"a cinematic avatar has no callback",
			jobs.Render{HeyGen: map[string]any{"type": "cinematic_avatar", "prompt": "walks"}},
			`{"type":"cinematic_avatar","prompt":"walks","title":` + named + `}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			given, err := json.Marshal(c.render)
			if err != nil {
				t.Fatal(err)
			}
			run := store.Run{Fence: store.Fence{Video: ada}, Title: "Hi", Submission: 1}
			want := object(t, []byte(c.want))
			compare(t, "body", sent(t, &Handlers{}, run, c.render), want)

			if want["callback_id"] != nil {
				want["callback_url"] = "https://heyq.example/" + ada.String()
			}
			public := &Handlers{Options: Options{CallbackURL: func(video uuid.UUID) string { return "https://heyq.example/" + video.String() }}}
			compare(t, "body where HeyGen can call back", sent(t, public, run, c.render), want)
			after, err := json.Marshal(c.render)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, "the request itself", string(after), string(given))
		})
	}
}

// sent is a body as HeyGen reads it.
func sent(t *testing.T, h *Handlers, run store.Run, r jobs.Render) map[string]any {
	t.Helper()
	encoded, err := json.Marshal(h.body(run, r, titles{word: "0123abcd"}.of(run)))
	if err != nil {
		t.Fatal(err)
	}
	return object(t, encoded)
}

func object(t *testing.T, encoded []byte) (o map[string]any) {
	t.Helper()
	if err := json.Unmarshal(encoded, &o); err != nil {
		t.Fatalf("%s: %v", encoded, err)
	}
	return o
}
