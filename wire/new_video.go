package wire

import (
	"reflect"
	"strings"
	"time"

	"heyq/store"
)

// NewVideo is a request for a video: what to render, and what heyq should know
// about it.
type NewVideo struct {
	Title       string            `json:"title,omitempty" doc:"Shown at HeyGen and in listings; at most 200 characters"`
	Description string            `json:"description,omitempty" doc:"For people; at most 2,000 characters; not sent to HeyGen"`
	Priority    Priority          `json:"priority,omitempty" doc:"-10 to 10; higher first among those that wait; low is -5, normal 0, high 5" example:"0"`
	NotBefore   time.Time         `json:"not_before,omitzero" doc:"Do not begin before then (RFC 3339, such as 2030-01-31T09:00:00Z)"`
	Metadata    map[string]string `json:"metadata,omitempty" doc:"Your own; given back as it came; at most 50 entries"`
	NotifyURL   string            `json:"notify_url,omitempty" doc:"Who is told when the video has ended: an https URL that takes a signed POST; default HEYQ_NOTIFY_URL" example:"https://example.com/heyq"`
	UserID      string            `json:"-"` // set by Go programs that create videos themselves; empty: store.DefaultUser

	// IdempotencyKey makes the video once in a week for its user: a later one with
	// the key and the same content is the first one. Another content is a conflict.
	// Whom it tells of its end is no part of the content.
	IdempotencyKey string `json:"idempotency_key,omitempty" doc:"Makes this video once in a week, whatever request it comes in: later it is the first one. Another content under the key is a 409"`

	Render
}

// Render is what HeyGen is asked for. Exactly one source is given: Script with
// AvatarID, AudioURL with AvatarID, TemplateID, or HeyGen.
type Render struct {
	Script      string         `json:"script,omitempty" doc:"What the avatar says: 1 to 5,000 characters; needs avatar_id" example:"Hello Ada!"`
	AudioURL    string         `json:"audio_url,omitempty" doc:"Instead of a script: an http(s) link to the speech; needs avatar_id"`
	AvatarID    string         `json:"avatar_id,omitempty" doc:"HeyGen's avatar look id" example:"avatar_1"`
	VoiceID     string         `json:"voice_id,omitempty" doc:"HeyGen's voice id; only beside script" example:"voice_1"`
	TemplateID  string         `json:"template_id,omitempty" doc:"HeyGen's template id"`
	Variables   map[string]any `json:"variables,omitempty" doc:"The template's variables: a string is sent as text, an object as it is"`
	HeyGen      map[string]any `json:"heygen,omitempty" doc:"A body of HeyGen's POST /v3/videos, passed through: type image, cinematic_avatar or studio"`
	Resolution  string         `json:"resolution,omitempty" doc:"4k, 1080p or 720p"`
	AspectRatio string         `json:"aspect_ratio,omitempty" doc:"16:9, 9:16, 4:5, 5:4, 1:1 or auto"`
	Caption     bool           `json:"caption,omitempty" doc:"Also make captions"`
}

// Field is a field of a NewVideo, for a program that takes it in another form.
type Field struct {
	Name string // in JSON
	Doc  string
	Type reflect.Type
}

// Fields lists the fields of a NewVideo in the order of the API's documents.
func Fields() (list []Field) {
	for _, f := range reflect.VisibleFields(reflect.TypeFor[NewVideo]()) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" {
			list = append(list, Field{name, f.Tag.Get("doc"), f.Type})
		}
	}
	return list
}

// ValidAnswer is the answer to a dry run of a body that is valid.
type ValidAnswer struct {
	Valid bool `json:"valid" example:"true"`
}

// MaxBatch is how many videos may be created at once.
const MaxBatch = 1000

// Batch is a list of videos to create.
type Batch struct {
	Videos []NewVideo `json:"videos" minItems:"1" maxItems:"1000" nullable:"false"`
}

// BatchAnswer says what became of each video of a batch, in its order.
type BatchAnswer struct {
	Videos []BatchItem `json:"videos" nullable:"false"`
}

// BatchItem is one of them: created (ID and State), good (Valid, in a dry run)
// or wrong (Error).
type BatchItem struct {
	Index int         `json:"index" example:"0"`
	ID    string      `json:"id,omitempty" format:"uuid"`
	State store.State `json:"state,omitempty" example:"queued"`
	Valid bool        `json:"valid,omitempty" doc:"Only in a dry run"`
	Error *ItemError  `json:"error,omitempty" doc:"Only with partial"`

	Existing bool `json:"existing,omitempty" doc:"Its idempotency_key had made it before; without a state it was removed since"`
}

// ItemError is what is wrong with one video of a partial batch.
type ItemError struct {
	Code    Code   `json:"code" example:"invalid"`
	Message string `json:"message" example:"script: is blank; give 1 to 5,000 characters"`
	Field   string `json:"field" example:"script" doc:"The first wrong field; the message names them all"`

	Fields []FieldError `json:"fields" nullable:"false" doc:"Every wrong field, ten at most"`
}
