package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"heyq/store"
)

func TestCreateVideo(t *testing.T) {
	t.Parallel()
	h := open(t)
	got := h.must(t, http.StatusAccepted, "POST", "/v1/videos", `{
		"title": "Hello <Ada> & all", "description": "A greeting", "template_id": "template_1",
		"variables": {"name": "Ada", "logo": {"type": "image", "url": "https://example.com/x.png"}},
		"priority": -3, "not_before": "2099-01-02T03:04:05+02:00", "caption": true, "metadata": {"customer": "4711"}}`)

	var video map[string]any
	got.decode(t, &video)
	id, created := video["id"].(string), video["created_at"].(string)
	equal(t, "Location", got.header.Get("Location"), "/v1/videos/"+id)
	equal(t, "Content-Type", got.header.Get("Content-Type"), "application/json")
	if at, err := time.Parse(time.RFC3339, created); err != nil || time.Since(at).Abs() > time.Minute {
		t.Errorf("created_at is %q", created)
	}
	equal(t, "the answer", video, map[string]any{
		"id": id, "title": "Hello <Ada> & all", "description": "A greeting", "state": "queued", "user_id": "default",
		"priority": -3.0, "not_before": "2099-01-02T01:04:05Z", "metadata": map[string]any{"customer": "4711"},
		"notify_url": nil, "heygen_id": nil, "submission": 1.0, "created_at": created, "completed_at": nil, "last_answer": nil, "failure": nil, "file": nil, "files_removed_at": nil,
	})

	row, err := h.store.Video(t.Context(), store.Everyone(), uuid.MustParse(id))
	if err != nil {
		t.Fatal(err)
	}
	var request any
	if err := json.Unmarshal(row.Request, &request); err != nil {
		t.Fatal(err)
	}
	equal(t, "the request", request, any(map[string]any{
		"template_id": "template_1", "caption": true,
		"variables": map[string]any{"name": "Ada", "logo": map[string]any{"type": "image", "url": "https://example.com/x.png"}},
	}))
}

func TestCreateVideo_priority_in_words(t *testing.T) {
	t.Parallel()
	h := open(t)
	for word, want := range map[string]float64{`"low"`: -5, `"normal"`: 0, `"high"`: 5, "7": 7} {
		var video map[string]any
		h.must(t, http.StatusAccepted, "POST", "/v1/videos", `{"template_id":"t","priority":`+word+`}`).decode(t, &video)
		equal(t, word, video["priority"], any(want))
	}
}

// null is what a client sends for a field that it does not set.
func TestCreateVideo_null_is_absent(t *testing.T) {
	t.Parallel()
	h := open(t)
	got := h.must(t, http.StatusAccepted, "POST", "/v1/videos",
		`{"script":"Hello","avatar_id":"a","voice_id":null,"not_before":null,"metadata":null,"heygen":null,"caption":null,"priority":null}`)
	var video map[string]any
	got.decode(t, &video)
	equal(t, "not_before", video["not_before"], nil)
	equal(t, "metadata", video["metadata"], any(map[string]any{}))
}

func TestCreateVideo_names_every_wrong_field_at_once(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, c := range []struct {
		name string
		body string
		want []wrong
	}{
		{"form and value together", `{
			"scirpt": "Hello", "title": 5, "caption": "yes", "metadata": {"a": 1, "b": "ok"}, "not_before": "tomorrow",
			"script": "Hello", "priority": 11, "resolution": "8k"}`, []wrong{
			{"body.scirpt", "Hello", "is no field here; remove it or correct its name"},
			{"body.caption", "yes", "is neither true nor false; give one of them without quotes"},
			{"body.metadata.a", 1.0, "is no string; give one in quotes"},
			{"body.not_before", "tomorrow", "is no date; give one by RFC 3339, such as 2030-12-31T23:59:00Z"},
			{"body.title", 5.0, "is no string; give one in quotes"},
			{"body.priority", 11.0, "is out of range; give -10 to 10"},
			{"body.resolution", "8k", `is "8k"; give 4k, 1080p or 720p`},
			{"body.avatar_id", "", "is missing; script needs it"},
		}},
		{"a word that is no priority", `{"template_id": "t", "priority": "urgent"}`, []wrong{
			{"body.priority", "urgent", "is neither a whole number nor low, normal or high"},
		}},
		{"a source of the wrong type is not missing", `{"template_id": 7}`, []wrong{
			{"body.template_id", 7.0, "is no string; give one in quotes"},
		}},
		{"a source that is missing", `{"title": "Hello"}`, []wrong{
			{"body.script", "", "is empty, and there is no other source; give script, audio_url, template_id or heygen"},
		}},
		{"heyq's own fields", `{"heygen": {"type": "image", "title": "x", "callback_id": "y", "callback_url": "z", "output_format": "webm"}}`, []wrong{
			{"body.heygen.title", "x", "is set by heyq; give title beside heygen"},
			{"body.heygen.callback_id", "y", "is set by heyq; remove it"},
			{"body.heygen.callback_url", "z", "is set by heyq; remove it"},
			{"body.heygen.output_format", "webm", "cannot be checked after download; give mp4 or leave it out"},
		}},
		{"a date that cannot be written in UTC", `{"title": "Hello", "template_id": "t", "not_before": "9999-12-31T23:59:59-01:00", "priority": 11}`, []wrong{
			{"body.not_before", "9999-12-31T23:59:59-01:00", "is outside the years 1 to 9999 in UTC; give another date"},
			{"body.priority", 11.0, "is out of range; give -10 to 10"},
		}},
		{"a date before all dates", `{"template_id": "t", "not_before": "0000-06-01T00:00:00Z"}`, []wrong{
			{"body.not_before", "0000-06-01T00:00:00Z", "is outside the years 1 to 9999 in UTC; give another date"},
		}},
		{"a long value is cut", `{"script": "Hello", "avatar_id": "a", "title": [` + strings.Repeat("1,", 500) + `1]}`, []wrong{
			{"body.title", "[" + strings.Repeat("1,", 39) + "1…", "is no string; give one in quotes"},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := h.must(t, http.StatusUnprocessableEntity, "POST", "/v1/videos", c.body).problem(t)
			equal(t, "errors", got.Errors, c.want)
		})
	}
}

// What the documentation shows must be accepted, every kind of source.
func TestCreateVideo_examples(t *testing.T) {
	t.Parallel()
	h := open(t)
	var description struct {
		Paths map[string]map[string]struct {
			RequestBody struct {
				Content map[string]struct {
					Examples map[string]struct{ Value json.RawMessage }
				}
			}
		}
	}
	h.must(t, http.StatusOK, "GET", "/openapi.json", "").decode(t, &description)
	for _, path := range []string{"/v1/videos", "/v1/videos/batch"} {
		examples := description.Paths[path]["post"].RequestBody.Content["application/json"].Examples
		if len(examples) == 0 {
			t.Errorf("%s has no examples", path)
		}
		for name, e := range examples {
			if got := h.call(t, "POST", path+"?dry_run=true", string(e.Value)); got.status != http.StatusOK {
				t.Errorf("%s, %s: %d %s", path, name, got.status, got.body)
			}
		}
	}
}

func TestCreateVideo_dry_run(t *testing.T) {
	t.Parallel()
	h := open(t)
	got := h.must(t, http.StatusOK, "POST", "/v1/videos?dry_run=true", hello, "Idempotency-Key", "k")
	equal(t, "answer", got.body, "{\"valid\":true}\n")
	equal(t, "videos", h.videos(t), 0)
	h.must(t, http.StatusAccepted, "POST", "/v1/videos?dry_run=false", `{"script":"Another","avatar_id":"a"}`, "Idempotency-Key", "k")
}

func TestCreateVideo_again_under_its_key(t *testing.T) {
	t.Parallel()
	h := open(t)
	first := h.must(t, http.StatusAccepted, "POST", "/v1/videos", hello, "Idempotency-Key", "order 4711")
	var video struct{ ID string }
	first.decode(t, &video)
	h.must(t, http.StatusOK, "POST", "/v1/videos/"+video.ID+"/cancel", "")

	again := h.must(t, http.StatusAccepted, "POST", "/v1/videos", hello, "Idempotency-Key", "order 4711")
	equal(t, "body", again.body, first.body)
	equal(t, "Location", again.header.Get("Location"), first.header.Get("Location"))
	equal(t, "Content-Type", again.header.Get("Content-Type"), first.header.Get("Content-Type"))
	equal(t, "videos", h.videos(t), 1)

	refused := h.must(t, http.StatusConflict, "POST", "/v1/videos", hello+" ", "Idempotency-Key", "order 4711").problem(t)
	equal(t, "errors", refused.Errors, []wrong{{"header.Idempotency-Key", "order 4711", "was used before with another body"}})
}

// A body that was refused uses no key up.
func TestCreateVideo_key_of_a_refused_body(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.must(t, http.StatusUnprocessableEntity, "POST", "/v1/videos", `{}`, "Idempotency-Key", "k")
	h.must(t, http.StatusAccepted, "POST", "/v1/videos", hello, "Idempotency-Key", "k")
}

func FuzzCreateVideo(f *testing.F) {
	for _, seed := range []string{hello, `{}`, `[]`, `null`, `{"heygen":{"type":"image"}}`, `{"metadata":{"":[]}}`, `{"priority":1e30}`, "\xff", `{"videos":[{}]}`} {
		f.Add(seed)
	}
	h := &house{Handler: newOn(down{})}
	f.Fuzz(func(t *testing.T, body string) {
		for _, target := range []string{"/v1/videos?dry_run=true", "/v1/videos/batch?dry_run=true&partial=true"} {
			switch got := h.call(t, "POST", target, body); got.status {
			case 200, 400, 413, 422:
			default:
				t.Errorf("%s %q: %d %s", target, body, got.status, got.body)
			}
		}
	})
}
