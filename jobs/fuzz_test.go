package jobs_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"heyq/dispatch"
	"heyq/internal/fault"
	"heyq/jobs"
)

// FuzzDecode holds what a handler relies on: whatever lies in a queue is a task
// that can be encoded again as it is, or an error that no retry mends.
func FuzzDecode(f *testing.F) {
	golden, err := filepath.Glob("testdata/payloads/*.json")
	if err != nil || len(golden) == 0 {
		f.Fatalf("no golden payloads: %v", err)
	}
	for _, path := range golden {
		payload, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(payload)
	}
	f.Add([]byte(`{"videos":[{"id":"00000000-0000-0000-0000-000000000000","claim":1}]}`))
	f.Add([]byte(`{"videos":null,"from":"the future"}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		task, err := jobs.VideoPoll.Decode(payload)
		if err != nil {
			if !errors.Is(err, jobs.ErrPayload) || !strings.HasPrefix(err.Error(), jobs.VideoPoll.Name+": ") {
				t.Fatalf("got %v", err)
			}
			return
		}
		if err := task.Validate(); err != nil {
			t.Fatalf("decoded what is not valid: %v", err)
		}
		encoded, err := dispatch.NewTask(jobs.VideoPoll, task)
		if err != nil {
			t.Fatal(err)
		}
		again, err := jobs.VideoPoll.Decode(encoded.Payload())
		if err != nil {
			t.Fatalf("%s cannot be decoded: %v", encoded.Payload(), err)
		}
		if diff := cmp.Diff(task, again); diff != "" {
			t.Fatalf("after a round (-first +second):\n%s", diff)
		}
	})
}

// FuzzPrepare takes requests as the API does. One that is accepted is kept
// without a change; one that is not is a fault that names every wrong field.
func FuzzPrepare(f *testing.F) {
	f.Add([]byte(`{"title":"Hi","script":"Hello Ada!","avatar_id":"avatar_1","voice_id":"voice_1","metadata":{"a":"b"}}`))
	f.Add([]byte(`{"template_id":"t-1","variables":{"name":"Ada","image":{"type":"image","n":[1e9,-0.0,null]}}}`))
	f.Add([]byte(`{"heygen":{"type":"studio","scenes":[{"text":"\u0000"}]},"priority":11,"not_before":"9999-12-31T23:59:59-01:00"}`))
	f.Add([]byte(`{"audio_url":"https://a/b.mp3","avatar_id":"x","resolution":"8k","caption":true}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var v jobs.NewVideo
		if json.Unmarshal(body, &v) != nil {
			return // refused before it gets here
		}
		wantPrepared(t, v)
	})
}

// FuzzPrepare_from_Go takes requests of another Go service, whose strings need
// not be UTF-8.
func FuzzPrepare_from_Go(f *testing.F) {
	f.Add("Hi", "Hello Ada!", "avatar_1", "key", "value")
	f.Add("\x00", "\u2028", "a\x7f", "", "\xff")
	f.Fuzz(func(t *testing.T, title, script, avatar, key, value string) {
		wantPrepared(t, jobs.NewVideo{
			Title: title, Description: value, Metadata: map[string]string{key: value},
			Render: jobs.Render{Script: script, AvatarID: avatar},
		})
		wantPrepared(t, jobs.NewVideo{
			Title: title, Render: jobs.Render{TemplateID: avatar, Variables: map[string]any{key: value, title: map[string]any{key: script}}},
		})
		wantPrepared(t, jobs.NewVideo{Render: jobs.Render{HeyGen: map[string]any{"type": "studio", key: []any{script, 1.5}}}})
	})
}

func wantPrepared(t *testing.T, v jobs.NewVideo) {
	t.Helper()
	prepared, err := v.Prepare()
	if err != nil {
		wrong, ok := errors.AsType[*fault.Error](err)
		if !ok || wrong.Code != fault.Invalid && wrong.Code != fault.Malformed || len(wrong.Fields) == 0 {
			t.Fatalf("no fault with a field: %v", err)
		}
		for _, field := range wrong.Fields {
			if field.Name == "" || field.Message == "" {
				t.Fatalf("%+v", field)
			}
		}
		return
	}
	render, err := jobs.ReadRender(prepared.Request)
	if err != nil {
		t.Fatalf("%s cannot be read: %v", prepared.Request, err)
	}
	// Empty maps are left out, which says the same.
	if len(v.Variables) == 0 {
		v.Variables = nil
	}
	if diff := cmp.Diff(v.Render, render); diff != "" {
		t.Fatalf("what is kept is not what was asked for (-asked +kept):\n%s", diff)
	}
	// No database takes these.
	for _, text := range []string{prepared.Title, prepared.Description, prepared.UserID, string(prepared.Request)} {
		if strings.ContainsRune(text, 0) || strings.ToValidUTF8(text, "") != text {
			t.Fatalf("%q was accepted", text)
		}
	}
	for key, value := range prepared.Metadata {
		if text := key + value; strings.ContainsRune(text, 0) || strings.ToValidUTF8(text, "") != text {
			t.Fatalf("%q was accepted", text)
		}
	}
}
