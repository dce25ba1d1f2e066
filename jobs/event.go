package jobs

import (
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"heyq/store"
)

// Event is the body of a notification, after the Standard Webhooks
// specification. A receiver in Go can decode into it.
type Event struct {
	Type      string     `json:"type"`      // video.completed, video.failed or video.cancelled
	Timestamp time.Time  `json:"timestamp"` // when the video ended so
	Data      EventVideo `json:"data"`
}

// EventVideo is the video as it ended, under the names of GET /v1/videos/{id}.
type EventVideo struct {
	ID        uuid.UUID         `json:"id"`
	State     store.State       `json:"state"`
	Title     string            `json:"title"`
	Metadata  map[string]string `json:"metadata"`
	CreatedAt time.Time         `json:"created_at"`
	Failure   *store.Failure    `json:"failure"`            // null unless it failed
	File      *EventFile        `json:"file"`               // null unless it is completed
	FileURL   string            `json:"file_url,omitempty"` // where to fetch the file, if heyq knows its own address
}

// EventFile is what was measured of the file.
type EventFile struct {
	Bytes           int64   `json:"bytes"`
	SHA256          string  `json:"sha256"` // hex
	DurationSeconds float64 `json:"duration_seconds"`
	Width           int     `json:"width"`
	Height          int     `json:"height"`
}

// maxReason bounds HeyGen's own words, which nothing else does, in characters.
const maxReason = 4000

// EncodeEvent returns the body of a delivery. It is the same for each try, and the
// limits of a request keep it below 256 KiB. publicURL is where heyq's API is reached; empty: not known.
func EncodeEvent(d store.Delivery, publicURL string) ([]byte, error) {
	event := Event{Type: d.Event, Timestamp: d.At, Data: EventVideo{
		ID: d.VideoID, State: d.State, Title: d.Title, Metadata: d.Metadata, CreatedAt: d.VideoCreatedAt,
	}}
	if d.State == store.Failed && d.Failure != nil {
		failure := *d.Failure
		failure.Message = shorten(failure.Message, maxReason)
		event.Data.Failure = &failure
	}
	if d.State == store.Completed && d.File != nil {
		event.Data.File = &EventFile{d.File.Bytes, d.File.SHA256, d.File.Duration.Seconds(), d.File.Width, d.File.Height}
		if publicURL != "" {
			event.Data.FileURL = publicURL + "/v1/videos/" + d.VideoID.String() + "/file"
		}
	}
	body, err := json.Marshal(event)
	if err != nil {
		return nil, fmt.Errorf("encode the event: %w", err)
	}
	return body, nil
}

// shorten cuts a text to a number of characters.
func shorten(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-1]) + "…"
}
