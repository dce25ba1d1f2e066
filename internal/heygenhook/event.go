package heygenhook

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"

	"github.com/google/uuid"
)

// MaxBody is how many bytes a delivery may have. HeyGen's have one or two
// thousand.
const MaxBody = 128 << 10

// Events are those that heyq registers for: a render has ended.
var Events = []string{"avatar_video.success", "avatar_video.fail"}

// ErrUnreadable says that a body is no event at all.
var ErrUnreadable = errors.New("the body is no event")

// Event says which video HeyGen may have news of. The zero value of an id means
// that the event does not name it.
type Event struct {
	ID       string // the same for every delivery of an event
	Type     string
	HeyGenID string
	Video    uuid.UUID // the callback_id, if it is one of ours by its form
}

// Parse reads an event. Of those that tell of no render only ID and Type are
// read: HeyGen has thirty kinds, and documents the data of few.
func Parse(header http.Header, body []byte) (Event, error) {
	var envelope struct {
		ID   string          `json:"event_id"`
		Type string          `json:"event_type"`
		Data json.RawMessage `json:"event_data"`
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		return Event{}, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	if envelope.Type == "" {
		return Event{}, fmt.Errorf("%w: it has no event_type", ErrUnreadable)
	}
	e := Event{ID: eventID(header, envelope.ID, body), Type: envelope.Type}
	if !e.OfRender() {
		return e, nil
	}
	var data struct {
		VideoID    string `json:"video_id"`
		CallbackID any    `json:"callback_id"` // anything: the account's other programs choose theirs
	}
	if err := json.Unmarshal(envelope.Data, &data); err != nil {
		return Event{}, fmt.Errorf("%w: event_data: %w", ErrUnreadable, err)
	}
	if plainID.MatchString(data.VideoID) {
		e.HeyGenID = data.VideoID
	}
	if id, ok := data.CallbackID.(string); ok && len(id) == len(uuid.UUID{}.String()) {
		e.Video, _ = uuid.Parse(id)
	}
	return e, nil
}

// OfRender reports whether the event tells of a render that has ended.
func (e Event) OfRender() bool {
	return slices.Contains(Events, e.Type)
}

// plainID is what a video's id at HeyGen looks like. Another one is no video's.
var plainID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

// eventID prefers the id that the signature covers. If there is none, the
// same body is the same event.
func eventID(header http.Header, signed string, body []byte) string {
	const most = 128 // ids are remembered
	for _, id := range []string{signed, header.Get("Heygen-Event-Id")} {
		if id != "" && len(id) <= most {
			return id
		}
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
