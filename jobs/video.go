package jobs

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"heyq/store"
)

// NewVideo is a request for a video: what to render, and what heyq should know
// about it. The HTTP API takes it as JSON under the same names.
type NewVideo struct {
	Title       string            `json:"title,omitempty" doc:"Shown at HeyGen and in listings; at most 200 characters"`
	Description string            `json:"description,omitempty" doc:"For people; at most 2,000 characters; not sent to HeyGen"`
	Priority    int               `json:"priority,omitempty" doc:"-10 to 10; higher first among those that wait" example:"0"`
	NotBefore   time.Time         `json:"not_before,omitzero" doc:"Wait until then (RFC 3339)"`
	Metadata    map[string]string `json:"metadata,omitempty" doc:"Your own; given back as it came; at most 50 entries"`
	NotifyURL   string            `json:"notify_url,omitempty" doc:"Who is told when the video has ended: an https URL that takes a signed POST; default HEYQ_NOTIFY_URL" example:"https://example.com/heyq"`
	UserID      string            `json:"-"` // empty: store.DefaultUser

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

// Prepare validates v and gives it an id. The error is a fault.Invalid that
// names every wrong field. A client's own rules are applied by its Prepare.
func (v NewVideo) Prepare() (store.NewVideo, error) { return v.prepare(NotifyRules{}) }

func (v NewVideo) prepare(rules NotifyRules) (store.NewVideo, error) {
	v.NotifyURL = cmp.Or(v.NotifyURL, rules.URL)
	if err := v.validate(rules); err != nil {
		return store.NewVideo{}, err
	}
	request, err := json.Marshal(v.Render)
	if err != nil {
		return store.NewVideo{}, fmt.Errorf("encode the request: %w", err)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return store.NewVideo{}, fmt.Errorf("make an id: %w", err)
	}
	user := v.UserID
	if user == "" {
		user = store.DefaultUser
	}
	prepared := store.NewVideo{
		ID: id, UserID: user, Title: v.Title, Description: v.Description,
		Priority: v.Priority, NotBefore: v.NotBefore, Metadata: v.Metadata, NotifyURL: v.NotifyURL, Request: request,
	}
	if v.IdempotencyKey != "" {
		prepared.Key = v.IdempotencyKey
		prepared.Sum, err = contentOf(prepared)
	}
	return prepared, err
}

// contentOf is the sum of what a video is, and not of whom it tells: the default
// for that may change between two tries.
func contentOf(v store.NewVideo) ([sha256.Size]byte, error) {
	content, err := json.Marshal([]any{v.Title, v.Description, v.Priority, v.NotBefore.UTC(), v.Metadata, v.Request})
	if err != nil {
		return [sha256.Size]byte{}, fmt.Errorf("encode the content: %w", err)
	}
	return sha256.Sum256(content), nil
}

// ReadRender reads what Prepare wrote.
func ReadRender(request json.RawMessage) (Render, error) {
	var r Render
	if err := json.Unmarshal(request, &r); err != nil {
		return r, fmt.Errorf("read the request: %w", err)
	}
	return r, nil
}
