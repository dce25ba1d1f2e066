package heygen

import "encoding/json"

// AvatarVideo is the body of a create of type avatar. Either Script or AudioURL
// is its source, never both. Empty fields are left out: HeyGen refuses fields
// that it does not know, and has a default for the rest.
type AvatarVideo struct {
	AvatarID      string         `json:"avatar_id"` // the id of a look
	Script        string         `json:"script,omitempty"`
	AudioURL      string         `json:"audio_url,omitempty"`
	AudioAssetID  string         `json:"audio_asset_id,omitempty"`
	VoiceID       string         `json:"voice_id,omitempty"` // empty: the look's default voice
	VoiceSettings *VoiceSettings `json:"voice_settings,omitempty"`
	Title         string         `json:"title,omitempty"`
	Resolution    string         `json:"resolution,omitempty"`   // 4k, 1080p, 720p
	AspectRatio   string         `json:"aspect_ratio,omitempty"` // 16:9, 9:16, 4:5, 5:4, 1:1, auto
	Fit           string         `json:"fit,omitempty"`          // cover, contain
	Background    *Background    `json:"background,omitempty"`
	Caption       *Caption       `json:"caption,omitempty"` // nil: no captions
	CallbackID    string         `json:"callback_id,omitempty"`
	CallbackURL   string         `json:"callback_url,omitempty"`
}

// MarshalJSON adds the type that makes it an avatar video.
func (v AvatarVideo) MarshalJSON() ([]byte, error) {
	type fields AvatarVideo
	return json.Marshal(struct {
		Type string `json:"type"`
		fields
	}{"avatar", fields(v)})
}

// VoiceSettings tunes the voice. nil leaves HeyGen's default.
type VoiceSettings struct {
	Speed  *float64 `json:"speed,omitempty"`  // 0.5 to 1.5, default 1
	Pitch  *float64 `json:"pitch,omitempty"`  // -50 to 50 semitones, default 0
	Volume *float64 `json:"volume,omitempty"` // 0 to 1, default 1
	Locale string   `json:"locale,omitempty"` // such as en-US
}

// Background is a color (Value) or an image (URL or AssetID).
type Background struct {
	Type    string `json:"type"` // color, image
	Value   string `json:"value,omitempty"`
	URL     string `json:"url,omitempty"`
	AssetID string `json:"asset_id,omitempty"`
}

// Caption asks for a subtitle file; with a style, the captions stand in the
// picture as well.
type Caption struct {
	FileFormat string `json:"file_format,omitempty"` // srt
	Style      string `json:"style,omitempty"`       // default
}

// TemplateVideo is the body of a create from a template. Caption is a flag here,
// not an object: captions in the picture or none.
type TemplateVideo struct {
	Variables   map[string]any `json:"variables"` // by the names that the template gives them
	Title       string         `json:"title,omitempty"`
	Caption     bool           `json:"caption,omitempty"`
	Dimension   *Dimension     `json:"dimension,omitempty"`
	CallbackID  string         `json:"callback_id,omitempty"`
	CallbackURL string         `json:"callback_url,omitempty"`
}

// MarshalJSON sends an empty object if there are no variables: HeyGen wants
// the field.
func (v TemplateVideo) MarshalJSON() ([]byte, error) {
	type fields TemplateVideo
	if v.Variables == nil {
		v.Variables = map[string]any{}
	}
	return json.Marshal(fields(v))
}

// Dimension is a size in pixels, both even, 128 to 4096.
type Dimension struct {
	Width  int `json:"width"`
	Height int `json:"height"`
}
