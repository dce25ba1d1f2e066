package jobs

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"heyq/internal/fault"
	"heyq/internal/text"
)

// The limits of a request; lengths are in characters.
const (
	MaxScript      = 5000
	maxTitle       = 200
	maxDescription = 2000
	maxID          = 200
	maxURL         = 2000
	maxMetadata    = 50
	maxKey         = 64
	maxValue       = 500
	maxPriority    = 10
)

var (
	resolutions  = []string{"4k", "1080p", "720p"}
	aspectRatios = []string{"16:9", "9:16", "4:5", "5:4", "1:1", "auto"}
	passedTypes  = []string{"image", "cinematic_avatar", "studio"}
)

// templateID stands in a path at HeyGen, where a dot or a slash would lead
// elsewhere.
var templateID = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// Validate checks everything that can be known before HeyGen is asked. The
// error is a fault.Invalid that names every wrong field, its value and the
// remedy, or a fault.Malformed if one of them is not UTF-8.
func (v NewVideo) Validate() error { return v.validate(NotifyRules{}) }

func (v NewVideo) validate(rules NotifyRules) error {
	c := &checker{fault: fault.New(fault.Invalid, "the video is not valid")}
	c.line("user_id", v.UserID, maxID)
	c.line("title", v.Title, maxTitle)
	c.text("description", v.Description, maxDescription, text.Prose)
	c.line("idempotency_key", v.IdempotencyKey, maxID)
	// A year that RFC 3339 cannot write would spoil every listing that holds it.
	if year := v.NotBefore.UTC().Year(); year < 1 || year > 9999 {
		c.wrong("not_before", v.NotBefore.Format(time.RFC3339), "is outside the years 1 to 9999 in UTC; give another date")
	}
	if v.Priority < -maxPriority || v.Priority > maxPriority {
		c.wrong("priority", v.Priority, "is out of range; give -10 to 10")
	}
	c.metadata(v.Metadata)
	c.notifyURL(v.NotifyURL, rules)
	c.render(v.Render)
	if len(c.fault.Fields) > 0 {
		return c.fault
	}
	return nil
}

// checker gathers what is wrong.
type checker struct{ fault *fault.Error }

func (c *checker) wrong(field string, value any, format string, args ...any) {
	_ = c.fault.WithField(field, value, format, args...)
}

// unreadable is a text that is not UTF-8. Nothing that was read from JSON is: it
// comes from another Go program.
func (c *checker) unreadable(field string) {
	c.fault.Code = fault.Malformed
	c.wrong(strings.ToValidUTF8(field, "\uFFFD"), nil, "is not UTF-8; encode it so")
}

// text checks length and characters.
func (c *checker) text(field, value string, most int, sort text.Sort) {
	if !utf8.ValidString(value) || !utf8.ValidString(field) {
		c.unreadable(field)
		return
	}
	if n := utf8.RuneCountInString(value); n > most {
		c.wrong(field, value, "has %d characters; give at most %d", n, most)
	}
	if problem := text.Unfit(value, sort); problem != "" {
		c.wrong(field, value, "%s", problem)
	}
}

// line is a text of one line.
func (c *checker) line(field, value string, most int) { c.text(field, value, most, text.Line) }

func (c *checker) oneOf(field, value string, allowed []string) {
	if value != "" && !slices.Contains(allowed, value) {
		c.wrong(field, value, "is %q; give %s", value, orList(allowed))
	}
}

func (c *checker) metadata(m map[string]string) {
	if len(m) > maxMetadata {
		c.wrong("metadata", len(m), "has %d entries; give at most %d", len(m), maxMetadata)
	}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if key == "" {
			c.wrong("metadata", key, "has an empty key; name it")
		}
		c.line("metadata."+key, key, maxKey)
		c.text("metadata."+key, m[key], maxValue, text.Prose)
	}
}

// render checks the source, and then what belongs to it.
func (c *checker) render(r Render) {
	sources := sourcesOf(r)
	switch {
	case len(sources) == 0:
		c.wrong("script", r.Script, "is empty, and there is no other source; give script, audio_url, template_id or heygen")
	case len(sources) > 1:
		c.wrong(sources[1], nil, "cannot be given beside %s; give exactly one source", sources[0])
	}
	c.oneOf("resolution", r.Resolution, resolutions)
	c.oneOf("aspect_ratio", r.AspectRatio, aspectRatios)
	c.line("avatar_id", r.AvatarID, maxID)
	c.line("voice_id", r.VoiceID, maxID)
	if len(sources) != 1 {
		return
	}
	switch sources[0] {
	case "script":
		c.script(r)
	case "audio_url":
		c.audio(r)
	case "template_id":
		c.template(r)
	case "heygen":
		c.passed(r)
	}
}

// sourcesOf names the sources that are given.
func sourcesOf(r Render) []string {
	var given []string
	for _, s := range []struct {
		name  string
		given bool
	}{
		{"script", r.Script != ""},
		{"audio_url", r.AudioURL != ""},
		{"template_id", r.TemplateID != ""},
		{"heygen", r.HeyGen != nil},
	} {
		if s.given {
			given = append(given, s.name)
		}
	}
	return given
}

func (c *checker) script(r Render) {
	c.text("script", r.Script, MaxScript, text.Prose)
	if !text.Speakable(r.Script) && utf8.ValidString(r.Script) {
		c.wrong("script", r.Script, "is blank; give 1 to 5,000 characters, of which a voice can speak some")
	}
	c.needs("avatar_id", r.AvatarID, "script")
	c.noVariables(r, "script")
}

func (c *checker) audio(r Render) {
	c.line("audio_url", r.AudioURL, maxURL)
	u, err := url.Parse(r.AudioURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		c.wrong("audio_url", r.AudioURL, "is no link; give an http or https URL that HeyGen can fetch")
	}
	c.needs("avatar_id", r.AvatarID, "audio_url")
	c.foreign("voice_id", r.VoiceID, "audio_url")
	c.noVariables(r, "audio_url")
}

func (c *checker) template(r Render) {
	c.line("template_id", r.TemplateID, maxID)
	if !templateID.MatchString(r.TemplateID) {
		c.wrong("template_id", r.TemplateID, "is no template id; give letters, digits, '-' or '_'")
	}
	c.foreign("avatar_id", r.AvatarID, "template_id")
	c.foreign("voice_id", r.VoiceID, "template_id")
	c.foreign("resolution", r.Resolution, "template_id")
	c.foreign("aspect_ratio", r.AspectRatio, "template_id")
	for _, name := range slices.Sorted(maps.Keys(r.Variables)) {
		field := "variables." + name
		if name == "" {
			c.wrong("variables", name, "has an empty name; name it as the template does")
		}
		c.line(field, name, maxKey)
		switch value := r.Variables[name].(type) {
		case string:
			c.text(field, value, MaxScript, text.Prose)
		case map[string]any:
			c.object(field, value)
		default:
			c.wrong(field, value, "is neither a string nor an object; give a string for a text variable")
		}
	}
}

// passed checks a body that goes to HeyGen as it is. heyq keeps the fields
// that it needs to find the video again.
func (c *checker) passed(r Render) {
	kind, _ := r.HeyGen["type"].(string)
	if !slices.Contains(passedTypes, kind) {
		c.wrong("heygen.type", r.HeyGen["type"], "is no type that is passed through; give %s", orList(passedTypes))
	}
	if _, given := r.HeyGen["title"]; given {
		c.wrong("heygen.title", r.HeyGen["title"], "is set by heyq; give title beside heygen")
	}
	for _, field := range []string{"callback_id", "callback_url"} {
		if _, given := r.HeyGen[field]; given {
			c.wrong("heygen."+field, r.HeyGen[field], "is set by heyq; remove it")
		}
	}
	if format, given := r.HeyGen["output_format"]; given && format != "mp4" {
		c.wrong("heygen.output_format", format, "cannot be checked after download; give mp4 or leave it out")
	}
	c.object("heygen", r.HeyGen)
	c.foreign("avatar_id", r.AvatarID, "heygen")
	c.foreign("voice_id", r.VoiceID, "heygen")
	c.foreign("resolution", r.Resolution, "heygen")
	c.foreign("aspect_ratio", r.AspectRatio, "heygen")
	if r.Caption {
		c.wrong("caption", true, "does not go with heygen; put it inside heygen")
	}
	c.noVariables(r, "heygen")
}

func (c *checker) needs(field, value, source string) {
	if value == "" {
		c.wrong(field, value, "is missing; %s needs it", source)
	}
}

func (c *checker) foreign(field, value, source string) {
	if value != "" {
		c.wrong(field, value, "does not go with %s; remove it", source)
	}
}

func (c *checker) noVariables(r Render, source string) {
	if len(r.Variables) > 0 {
		c.wrong("variables", nil, "does not go with %s; give template_id", source)
	}
}

// object looks into a free object by its encoding: that is how it will be kept.
func (c *checker) object(field string, value any) {
	encoded, err := text.Encode(value)
	switch {
	case text.NotUTF8(err):
		c.unreadable(field)
	case err != nil:
		c.wrong(field, nil, "cannot be encoded as JSON: %v", err)
	default:
		text.EachString(encoded, func(path, s string) {
			if problem := text.Unfit(s, text.Prose); problem != "" {
				c.wrong(field+path, s, "%s", problem)
			}
		})
	}
}

// orList joins words as English does: a, b or c.
func orList(words []string) string {
	last := len(words) - 1
	return fmt.Sprintf("%s or %s", strings.Join(words[:last], ", "), words[last])
}
