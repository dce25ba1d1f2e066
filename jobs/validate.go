package jobs

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"

	"heyq/internal/check"
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

// templateID stands in a path at HeyGen. A dot or a slash in it would lead
// elsewhere.
var templateID = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// Validate checks everything that can be known before HeyGen is asked. The
// error is a fault.Invalid that names every wrong field, its value and the
// remedy, or a fault.Malformed if one of them is not UTF-8.
func (v NewVideo) Validate() error { return v.validate(NotifyRules{}) }

func (v NewVideo) validate(rules NotifyRules) error {
	c := &checker{check.New("the video is not valid")}
	c.Line("user_id", v.UserID, maxID)
	c.Line("title", v.Title, maxTitle)
	c.Text("description", v.Description, maxDescription, text.Prose)
	c.Line("idempotency_key", v.IdempotencyKey, maxID)
	// A year that RFC 3339 cannot write would spoil every listing that holds it.
	if year := v.NotBefore.UTC().Year(); year < 1 || year > 9999 {
		c.Wrong("not_before", v.NotBefore.Format(time.RFC3339), "is outside the years 1 to 9999 in UTC; give another date")
	}
	if v.Priority < -maxPriority || v.Priority > maxPriority {
		c.Wrong("priority", v.Priority, "is out of range; give %d to %d", -maxPriority, maxPriority)
	}
	c.metadata(v.Metadata)
	c.notifyURL(v.NotifyURL, rules)
	c.render(v.Render)
	return c.Err()
}

// checker checks the parts of a video.
type checker struct{ *check.Fields }

func (c *checker) metadata(m map[string]string) {
	if len(m) > maxMetadata {
		c.Wrong("metadata", len(m), "has %d entries; give at most %d", len(m), maxMetadata)
	}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if key == "" {
			c.Wrong("metadata", key, "has an empty key; name it")
		}
		c.Line("metadata."+key, key, maxKey)
		c.Text("metadata."+key, m[key], maxValue, text.Prose)
	}
}

// render checks the source, and then what belongs to it.
func (c *checker) render(r Render) {
	sources := sourcesOf(r)
	switch {
	case len(sources) == 0:
		c.Wrong("script", r.Script, "is empty, and there is no other source; give script, audio_url, template_id or heygen")
	case len(sources) > 1:
		c.Wrong(sources[1], nil, "cannot be given beside %s; give exactly one source", sources[0])
	}
	c.OneOf("resolution", r.Resolution, resolutions)
	c.OneOf("aspect_ratio", r.AspectRatio, aspectRatios)
	c.Line("avatar_id", r.AvatarID, maxID)
	c.Line("voice_id", r.VoiceID, maxID)
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
	c.Text("script", r.Script, MaxScript, text.Prose)
	if !text.Speakable(r.Script) && utf8.ValidString(r.Script) {
		c.Wrong("script", r.Script, "is blank; give 1 to 5,000 characters, of which a voice can speak some")
	}
	c.needs("avatar_id", r.AvatarID, "script")
	c.noVariables(r, "script")
}

func (c *checker) audio(r Render) {
	c.Line("audio_url", r.AudioURL, maxURL)
	u, err := url.Parse(r.AudioURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		c.Wrong("audio_url", r.AudioURL, "is no link; give an http or https URL that HeyGen can fetch")
	}
	c.needs("avatar_id", r.AvatarID, "audio_url")
	c.foreign("voice_id", r.VoiceID, "audio_url")
	c.noVariables(r, "audio_url")
}

func (c *checker) template(r Render) {
	c.Line("template_id", r.TemplateID, maxID)
	if !templateID.MatchString(r.TemplateID) {
		c.Wrong("template_id", r.TemplateID, "is no template id; give letters, digits, '-' or '_'")
	}
	c.foreign("avatar_id", r.AvatarID, "template_id")
	c.foreign("voice_id", r.VoiceID, "template_id")
	c.foreign("resolution", r.Resolution, "template_id")
	c.foreign("aspect_ratio", r.AspectRatio, "template_id")
	for _, name := range slices.Sorted(maps.Keys(r.Variables)) {
		field := "variables." + name
		if name == "" {
			c.Wrong("variables", name, "has an empty name; name it as the template does")
		}
		c.Line(field, name, maxKey)
		switch value := r.Variables[name].(type) {
		case string:
			c.Text(field, value, MaxScript, text.Prose)
		case map[string]any:
			c.object(field, value)
		default:
			c.Wrong(field, value, "is neither a string nor an object; give a string for a text variable")
		}
	}
}

// passed checks a body that goes to HeyGen as it is. It refuses the fields that
// heyq sets itself, to find the video again: title, callback_id and
// callback_url.
func (c *checker) passed(r Render) {
	kind, _ := r.HeyGen["type"].(string)
	if !slices.Contains(passedTypes, kind) {
		c.Wrong("heygen.type", r.HeyGen["type"], "is no type that is passed through; give %s", check.Or(passedTypes))
	}
	if _, given := r.HeyGen["title"]; given {
		c.Wrong("heygen.title", r.HeyGen["title"], "is set by heyq; give title beside heygen")
	}
	for _, field := range []string{"callback_id", "callback_url"} {
		if _, given := r.HeyGen[field]; given {
			c.Wrong("heygen."+field, r.HeyGen[field], "is set by heyq; remove it")
		}
	}
	if format, given := r.HeyGen["output_format"]; given && format != "mp4" {
		c.Wrong("heygen.output_format", format, "cannot be checked after download; give mp4 or leave it out")
	}
	c.object("heygen", r.HeyGen)
	c.foreign("avatar_id", r.AvatarID, "heygen")
	c.foreign("voice_id", r.VoiceID, "heygen")
	c.foreign("resolution", r.Resolution, "heygen")
	c.foreign("aspect_ratio", r.AspectRatio, "heygen")
	if r.Caption {
		c.Wrong("caption", true, "does not go with heygen; put it inside heygen")
	}
	c.noVariables(r, "heygen")
}

func (c *checker) needs(field, value, source string) {
	if value == "" {
		c.Wrong(field, value, "is missing; %s needs it", source)
	}
}

func (c *checker) foreign(field, value, source string) {
	if value != "" {
		c.Wrong(field, value, "does not go with %s; remove it", source)
	}
}

func (c *checker) noVariables(r Render, source string) {
	if len(r.Variables) > 0 {
		c.Wrong("variables", nil, "does not go with %s; give template_id", source)
	}
}

// object looks into a free object by its encoding: that is how it will be kept.
func (c *checker) object(field string, value any) {
	encoded, err := text.Encode(value)
	switch {
	case text.NotUTF8(err):
		c.Unreadable(field)
	case err != nil:
		c.Wrong(field, nil, "cannot be encoded as JSON: %v", err)
	default:
		text.EachString(encoded, func(path, s string) {
			if problem := text.Unfit(s, text.Prose); problem != "" {
				c.Wrong(field+path, s, "%s", problem)
			}
		})
	}
}
