package jobs_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"heyq/internal/fault"
	"heyq/jobs"
	"heyq/wire"
)

// valid is a request without a fault, one for each source.
func valid(source string) jobs.NewVideo {
	switch source {
	case "audio_url":
		return jobs.NewVideo{Render: jobs.Render{AudioURL: "https://example.com/a.mp3", AvatarID: "avatar_1"}}
	case "template_id":
		return jobs.NewVideo{Render: jobs.Render{TemplateID: "template_1", Variables: map[string]any{"name": "Ada"}}}
	case "heygen":
		return jobs.NewVideo{Render: jobs.Render{HeyGen: map[string]any{"type": "studio"}}}
	default:
		return jobs.NewVideo{Render: jobs.Render{Script: "Hello Ada", AvatarID: "avatar_1"}}
	}
}

// text is n characters, whatever their size in bytes.
func text(n int, character string) string { return strings.Repeat(character, n) }

func TestValidate_accepts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, source string
		change       func(*jobs.NewVideo)
	}{
		{"a script", "script", func(*jobs.NewVideo) {}},
		{"an audio file", "audio_url", func(*jobs.NewVideo) {}},
		{"a template", "template_id", func(*jobs.NewVideo) {}},
		{"a passed body", "heygen", func(*jobs.NewVideo) {}},
		{"a script of one character", "script", func(v *jobs.NewVideo) { v.Script = "!" }},
		{"a script of 5,000 characters", "script", func(v *jobs.NewVideo) { v.Script = text(5000, "x") }},
		{"5,000 emoji of four bytes each", "script", func(v *jobs.NewVideo) { v.Script = text(5000, "🎬") }},
		{"right to left, with its marks", "script", func(v *jobs.NewVideo) { v.Script = "\u202bשלום עדה\u202c مرحبا" }},
		{"line breaks and quotes", "script", func(v *jobs.NewVideo) { v.Script = "She said:\r\n\t\"Hello\\u0000\"" }},
		{"isolates, which templates put around names", "script", func(v *jobs.NewVideo) { v.Script = "Hello \u2068Ada\u2069" }},
		{"joined emoji", "script", func(v *jobs.NewVideo) { v.Script, v.Title = "👩‍🚀", "👩‍🚀" }},
		{"two lines of metadata", "script", func(v *jobs.NewVideo) { v.Metadata = map[string]string{"note": "a\r\n\tb"} }},
		{"a voice", "script", func(v *jobs.NewVideo) { v.VoiceID = "voice_1" }},
		{"captions", "template_id", func(v *jobs.NewVideo) { v.Caption = true }},
		{"every size", "script", func(v *jobs.NewVideo) { v.Resolution, v.AspectRatio = "4k", "9:16" }},
		{"http", "audio_url", func(v *jobs.NewVideo) { v.AudioURL = "http://example.com:8080/a.mp3?sig=x" }},
		{"a template without variables", "template_id", func(v *jobs.NewVideo) { v.Variables = nil }},
		{"a variable that is an object", "template_id", func(v *jobs.NewVideo) {
			v.Variables = map[string]any{"logo": map[string]any{"type": "image"}}
		}},
		{"an image", "heygen", func(v *jobs.NewVideo) { v.HeyGen["type"] = "image" }},
		{"a cinematic avatar", "heygen", func(v *jobs.NewVideo) { v.HeyGen["type"] = "cinematic_avatar" }},
		{"output_format mp4", "heygen", func(v *jobs.NewVideo) { v.HeyGen["output_format"] = "mp4" }},
		{"a backslash that only looks like NUL", "heygen", func(v *jobs.NewVideo) { v.HeyGen["text"] = `\u0000` }},
		{"the highest priority", "script", func(v *jobs.NewVideo) { v.Priority = 10 }},
		{"the lowest priority", "script", func(v *jobs.NewVideo) { v.Priority = -10 }},
		{"a time that has passed", "script", func(v *jobs.NewVideo) { v.NotBefore = time.Unix(0, 0) }},
		{"a title of 200 characters", "script", func(v *jobs.NewVideo) { v.Title = text(200, "é") }},
		{"a description of 2,000", "script", func(v *jobs.NewVideo) { v.Description = text(2000, "é") }},
		{"50 entries of metadata", "script", func(v *jobs.NewVideo) { v.Metadata = entries(50) }},
		{"metadata as long as may be", "script", func(v *jobs.NewVideo) {
			v.Metadata = map[string]string{text(64, "é"): text(500, "é"), "empty": ""}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := valid(c.source)
			c.change(&v)
			if err := v.Validate(); err != nil {
				t.Error(err)
			}
		})
	}
}

func entries(n int) map[string]string {
	m := map[string]string{}
	for i := range n {
		m[fmt.Sprint("key", i)] = "value"
	}
	return m
}

func TestValidate_refuses(t *testing.T) {
	t.Parallel()
	const nul = "Hello\x00Ada"
	type change = func(*jobs.NewVideo)
	for _, c := range []struct {
		name, source string
		change       change
		field        string
		remedy       string // a part of the message: what to do
	}{
		// The source.
		{"no source", "script", func(v *jobs.NewVideo) { v.Script = "" }, "script", "give script, audio_url, template_id or heygen"},
		{"script and template", "script", func(v *jobs.NewVideo) { v.TemplateID = "t" }, "template_id", "cannot be given beside script; give exactly one"},
		{"script and audio", "script", func(v *jobs.NewVideo) { v.AudioURL = "https://example.com/a.mp3" }, "audio_url", "give exactly one"},
		{"template and passed body", "template_id", func(v *jobs.NewVideo) { v.HeyGen = map[string]any{"type": "image"} }, "heygen", "give exactly one"},
		{"audio and an empty passed body", "audio_url", func(v *jobs.NewVideo) { v.HeyGen = map[string]any{} }, "heygen", "give exactly one"},

		// A script.
		{"blank script", "script", func(v *jobs.NewVideo) { v.Script = " \t\n " }, "script", "is blank; give 1 to 5,000 characters"},
		{"5,001 characters", "script", func(v *jobs.NewVideo) { v.Script = text(5001, "x") }, "script", "has 5001 characters; give at most 5000"},
		{"5,001 emoji", "script", func(v *jobs.NewVideo) { v.Script = text(5001, "🎬") }, "script", "has 5001 characters; give at most 5000"},
		{"NUL in a script", "script", func(v *jobs.NewVideo) { v.Script = nul }, "script", "remove it"},
		{"no avatar for a script", "script", func(v *jobs.NewVideo) { v.AvatarID = "" }, "avatar_id", "is missing; script needs it"},
		{"variables for a script", "script", func(v *jobs.NewVideo) { v.Variables = map[string]any{"a": "b"} }, "variables", "give template_id"},
		{"NUL in an avatar", "script", func(v *jobs.NewVideo) { v.AvatarID = nul }, "avatar_id", "remove it"},
		{"NUL in a voice", "script", func(v *jobs.NewVideo) { v.VoiceID = nul }, "voice_id", "remove it"},
		{"unknown resolution", "script", func(v *jobs.NewVideo) { v.Resolution = "8k" }, "resolution", `is "8k"; give 4k, 1080p or 720p`},
		{"unknown aspect ratio", "script", func(v *jobs.NewVideo) { v.AspectRatio = "3:2" }, "aspect_ratio", "give 16:9, 9:16, 4:5, 5:4, 1:1 or auto"},

		// An audio file.
		{"no link", "audio_url", func(v *jobs.NewVideo) { v.AudioURL = "speech.mp3" }, "audio_url", "give an http or https URL"},
		{"another scheme", "audio_url", func(v *jobs.NewVideo) { v.AudioURL = "file:///etc/passwd" }, "audio_url", "give an http or https URL"},
		{"no host", "audio_url", func(v *jobs.NewVideo) { v.AudioURL = "https:///a.mp3" }, "audio_url", "give an http or https URL"},
		{"NUL in a link", "audio_url", func(v *jobs.NewVideo) { v.AudioURL = "https://example.com/\x00" }, "audio_url", "remove it"},
		{"a link without end", "audio_url", func(v *jobs.NewVideo) { v.AudioURL += text(2000, "x") }, "audio_url", "give at most 2000"},
		{"no avatar for audio", "audio_url", func(v *jobs.NewVideo) { v.AvatarID = "" }, "avatar_id", "audio_url needs it"},
		{"a voice beside audio", "audio_url", func(v *jobs.NewVideo) { v.VoiceID = "v" }, "voice_id", "does not go with audio_url; remove it"},

		// A template.
		{"a template that leads elsewhere", "template_id", func(v *jobs.NewVideo) { v.TemplateID = "../videos" }, "template_id", "give letters, digits"},
		{"two dots", "template_id", func(v *jobs.NewVideo) { v.TemplateID = ".." }, "template_id", "give letters, digits"},
		{"one dot", "template_id", func(v *jobs.NewVideo) { v.TemplateID = "." }, "template_id", "give letters, digits"},
		{"a space", "template_id", func(v *jobs.NewVideo) { v.TemplateID = "a b" }, "template_id", "give letters, digits"},
		{"an escaped slash", "template_id", func(v *jobs.NewVideo) { v.TemplateID = "a%2fb" }, "template_id", "give letters, digits"},
		{"an avatar beside a template", "template_id", func(v *jobs.NewVideo) { v.AvatarID = "a" }, "avatar_id", "remove it"},
		{"a voice beside a template", "template_id", func(v *jobs.NewVideo) { v.VoiceID = "v" }, "voice_id", "remove it"},
		{"a resolution beside a template", "template_id", func(v *jobs.NewVideo) { v.Resolution = "4k" }, "resolution", "remove it"},
		{"an aspect ratio beside a template", "template_id", func(v *jobs.NewVideo) { v.AspectRatio = "1:1" }, "aspect_ratio", "remove it"},
		{"a number as a variable", "template_id", func(v *jobs.NewVideo) { v.Variables["name"] = 7.0 }, "variables.name", "give a string"},
		{"null as a variable", "template_id", func(v *jobs.NewVideo) { v.Variables["name"] = nil }, "variables.name", "give a string"},
		{"NUL in a variable", "template_id", func(v *jobs.NewVideo) { v.Variables["name"] = nul }, "variables.name", "remove it"},
		{"NUL deep in a variable", "template_id", func(v *jobs.NewVideo) {
			v.Variables["logo"] = map[string]any{"properties": map[string]any{"url": nul}}
		}, "variables.logo.properties.url", "remove it"},
		{"NUL in a variable's name", "template_id", func(v *jobs.NewVideo) { v.Variables[nul] = "x" }, "variables." + nul, "remove it"},
		{"a variable without a name", "template_id", func(v *jobs.NewVideo) { v.Variables[""] = "x" }, "variables", "name it"},
		{"a variable without end", "template_id", func(v *jobs.NewVideo) { v.Variables["name"] = text(5001, "x") }, "variables.name", "give at most 5000"},

		// A body that is passed through.
		{"no type", "heygen", func(v *jobs.NewVideo) { delete(v.HeyGen, "type") }, "heygen.type", "give image, cinematic_avatar or studio"},
		{"unknown type", "heygen", func(v *jobs.NewVideo) { v.HeyGen["type"] = "hologram" }, "heygen.type", "give image, cinematic_avatar or studio"},
		{"a type that has fields of its own here", "heygen", func(v *jobs.NewVideo) { v.HeyGen["type"] = "avatar" }, "heygen.type", "give image"},
		{"a type that is no word", "heygen", func(v *jobs.NewVideo) { v.HeyGen["type"] = 1.0 }, "heygen.type", "give image"},
		{"a title inside", "heygen", func(v *jobs.NewVideo) { v.HeyGen["title"] = "x" }, "heygen.title", "give title beside heygen"},
		{"a callback id", "heygen", func(v *jobs.NewVideo) { v.HeyGen["callback_id"] = nil }, "heygen.callback_id", "remove it"},
		{"a callback URL", "heygen", func(v *jobs.NewVideo) { v.HeyGen["callback_url"] = "x" }, "heygen.callback_url", "remove it"},
		{"webm", "heygen", func(v *jobs.NewVideo) { v.HeyGen["output_format"] = "webm" }, "heygen.output_format", "give mp4 or leave it out"},
		{"NUL deep inside", "heygen", func(v *jobs.NewVideo) { v.HeyGen["scenes"] = []any{map[string]any{"text": nul}} }, "heygen.scenes[0].text", "remove it"},
		{"what JSON cannot say", "heygen", func(v *jobs.NewVideo) { v.HeyGen["n"] = math.NaN() }, "heygen", "cannot be encoded as JSON"},
		{"captions outside", "heygen", func(v *jobs.NewVideo) { v.Caption = true }, "caption", "put it inside heygen"},
		{"an avatar outside", "heygen", func(v *jobs.NewVideo) { v.AvatarID = "a" }, "avatar_id", "remove it"},
		{"variables outside", "heygen", func(v *jobs.NewVideo) { v.Variables = map[string]any{"a": "b"} }, "variables", "give template_id"},

		// What heyq keeps for itself.
		{"a long title", "script", func(v *jobs.NewVideo) { v.Title = text(201, "é") }, "title", "has 201 characters; give at most 200"},
		{"two lines of a title", "script", func(v *jobs.NewVideo) { v.Title = "Hello\nAda" }, "title", "holds a line break (U+000A, character 6); give one line"},
		{"a title that clears the screen", "script", func(v *jobs.NewVideo) { v.Title = "\x1b[2J" }, "title", "holds a control character (U+001B, character 1); remove it"},
		{"a title that clears it in one byte", "script", func(v *jobs.NewVideo) { v.Title = "\u009b2J" }, "title", "(U+009B, character 1); remove it"},
		{"a title that turns around", "script", func(v *jobs.NewVideo) { v.Title = "gpj.\u202eexe" }, "title", "(U+202E, character 5); remove it"},
		{"a bell in a script", "script", func(v *jobs.NewVideo) { v.Script = "Ding \a dong" }, "script", "(U+0007, character 6); remove it"},
		{"a script that turns around", "script", func(v *jobs.NewVideo) { v.Script = "a\u202db" }, "script", "(U+202D, character 2); remove it"},
		{"a script that lost a letter", "script", func(v *jobs.NewVideo) { v.Script = "J\ufffdrg" }, "script", "write that one again, in UTF-8"},
		{"a script without width", "script", func(v *jobs.NewVideo) { v.Script = "\u200b\u200d\ufeff \u2060" }, "script", "of which a voice can speak some"},
		{"a script without ink", "script", func(v *jobs.NewVideo) { v.Script = "\u3164\u2800" }, "script", "of which a voice can speak some"},
		{"a bell in a description", "script", func(v *jobs.NewVideo) { v.Description = "\a" }, "description", "remove it"},
		{"an escape in metadata", "script", func(v *jobs.NewVideo) { v.Metadata = map[string]string{"k": "\x1b]52;c;aGk=\a"} }, "metadata.k", "remove it"},
		{"a line break in a key", "script", func(v *jobs.NewVideo) { v.Metadata = map[string]string{"a\nb": "x"} }, "metadata.a\nb", "give one line"},
		{"a bell in a variable", "template_id", func(v *jobs.NewVideo) { v.Variables["name"] = "\a" }, "variables.name", "remove it"},
		{"a bell deep inside", "heygen", func(v *jobs.NewVideo) { v.HeyGen["scenes"] = []any{map[string]any{"text": "\a"}} }, "heygen.scenes[0].text", "remove it"},
		{"a bell in an avatar", "script", func(v *jobs.NewVideo) { v.AvatarID = "\a" }, "avatar_id", "remove it"},
		{"a tab in a key of its own", "script", func(v *jobs.NewVideo) { v.IdempotencyKey = "a\tb" }, "idempotency_key", "remove it"},
		{"NUL in a title", "script", func(v *jobs.NewVideo) { v.Title = nul }, "title", "remove it"},
		{"a long description", "script", func(v *jobs.NewVideo) { v.Description = text(2001, "é") }, "description", "give at most 2000"},
		{"NUL in a user", "script", func(v *jobs.NewVideo) { v.UserID = nul }, "user_id", "remove it"},
		{"too high a priority", "script", func(v *jobs.NewVideo) { v.Priority = 11 }, "priority", "give -10 to 10"},
		{"too low a priority", "script", func(v *jobs.NewVideo) { v.Priority = -11 }, "priority", "give -10 to 10"},
		{"a year that cannot be written", "script", func(v *jobs.NewVideo) { v.NotBefore = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }, "not_before", "give another date"},
		{"51 entries of metadata", "script", func(v *jobs.NewVideo) { v.Metadata = entries(51) }, "metadata", "give at most 50"},
		{"metadata without a key", "script", func(v *jobs.NewVideo) { v.Metadata = map[string]string{"": "x"} }, "metadata", "name it"},
		{"a long key", "script", func(v *jobs.NewVideo) { v.Metadata = map[string]string{text(65, "k"): "x"} }, "metadata." + text(65, "k"), "give at most 64"},
		{"a long value", "script", func(v *jobs.NewVideo) { v.Metadata = map[string]string{"k": text(501, "x")} }, "metadata.k", "give at most 500"},
		{"NUL in a key", "script", func(v *jobs.NewVideo) { v.Metadata = map[string]string{nul: "x"} }, "metadata." + nul, "remove it"},
		{"NUL in a value", "script", func(v *jobs.NewVideo) { v.Metadata = map[string]string{"k": nul} }, "metadata.k", "remove it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := valid(c.source)
			c.change(&v)
			var messages []string
			for _, f := range wrongFields(t, v.Validate()) {
				messages = append(messages, f.Message)
				if f.Name != c.field {
					t.Errorf("%s: %s; want %s alone", f.Name, f.Message, c.field)
				}
			}
			if all := strings.Join(messages, "; "); !strings.Contains(all, c.remedy) {
				t.Errorf("%q does not say %q", all, c.remedy)
			}
		})
	}
}

// The API's documents, and the help of the commands, say the range that is checked.
func TestValidate_priority_is_described(t *testing.T) {
	t.Parallel()
	at := slices.IndexFunc(wire.Fields(), func(f wire.Field) bool { return f.Name == "priority" })
	var least, most int
	if _, err := fmt.Sscanf(wire.Fields()[at].Doc, "%d to %d;", &least, &most); err != nil {
		t.Fatal(err)
	}
	for priority, want := range map[int]bool{least - 1: false, least: true, most: true, most + 1: false} {
		v := valid("script")
		v.Priority = wire.Priority(priority)
		if err := v.Validate(); (err == nil) != want {
			t.Errorf("%d: %v", priority, err)
		}
	}
}

func TestValidate_names_every_wrong_field_at_once(t *testing.T) {
	t.Parallel()
	v := jobs.NewVideo{
		Title: text(201, "x"), Priority: 99, Metadata: map[string]string{"b": "\x00", "a": "\x00"},
		Render: jobs.Render{Script: " ", Resolution: "8k", VoiceID: "\x00"},
	}
	var names []string
	for _, f := range wrongFields(t, v.Validate()) {
		names = append(names, f.Name)
	}
	want := []string{"title", "priority", "metadata.a", "metadata.b", "resolution", "voice_id", "script", "avatar_id"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

// A decoder of JSON has mended such text, or refused it; another Go program has not.
func TestValidate_refuses_what_is_not_UTF8(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		source, field string
		change        func(*jobs.NewVideo)
	}{
		{"script", "title", func(v *jobs.NewVideo) { v.Title = "M\xfcller" }},
		{"script", "script", func(v *jobs.NewVideo) { v.Script = "J\xf6rg" }},
		{"script", "metadata.k", func(v *jobs.NewVideo) { v.Metadata = map[string]string{"k": "\xff"} }},
		{"template_id", "variables.name", func(v *jobs.NewVideo) { v.Variables["name"] = "J\xf6rg" }},
		{"heygen", "heygen", func(v *jobs.NewVideo) { v.HeyGen["scenes"] = []any{"M\xfcller"} }},
		{"heygen", "heygen", func(v *jobs.NewVideo) { v.HeyGen["scenes"] = json.RawMessage(`["\ud800"]`) }},
	} {
		v := valid(c.source)
		c.change(&v)
		f, ok := errors.AsType[*fault.Error](v.Validate())
		if !ok || f.Code != fault.Malformed || len(f.Fields) != 1 || f.Fields[0].Name != c.field || !strings.Contains(f.Fields[0].Message, "UTF-8") {
			t.Errorf("%s: got %v", c.field, f)
		}
	}
	v := valid("heygen")
	v.HeyGen["scenes"] = json.RawMessage(`[{"a":1,"a":2}]`)
	if fields := wrongFields(t, v.Validate()); len(fields) != 1 || !strings.Contains(fields[0].Message, "duplicate") {
		t.Errorf("a name twice in raw JSON: %v", fields)
	}
}

// wrongFields reads a fault.Invalid.
func wrongFields(t *testing.T, err error) []fault.Field {
	t.Helper()
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Code != fault.Invalid {
		t.Fatalf("got %v, want a fault %q", err, fault.Invalid)
	}
	return f.Fields
}
