package jobs

import (
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"heyq/store"
	"heyq/wire"
)

// LinkLife is how long the links of a notification work, from the event or from the last
// redelivery. They lead to the present file of the video: if it was rendered again, to
// the new one.
const LinkLife = 7 * 24 * time.Hour

// The files that links lead to, as the last words of the API's own addresses of them.
const (
	FileLink      = "file"
	ThumbnailLink = "thumbnail"
	CaptionsLink  = "captions"
)

// maxReason bounds HeyGen's own words, which nothing else does, in characters.
const maxReason = 4000

// EncodeEvent returns the body of a delivery. It is the same for each try, and the
// limits of a request keep it below 256 KiB. link makes the link to a
// file of a video until a time; empty: there is none.
func EncodeEvent(d store.Delivery, link func(video uuid.UUID, file string, until time.Time) string) ([]byte, error) {
	event := wire.Ended{Type: d.Event, Timestamp: d.At, Data: wire.EndedVideo{
		ID: d.VideoID, State: d.State, Title: d.Title, Metadata: d.Metadata, CreatedAt: d.VideoCreatedAt,
	}}
	if d.State == store.Failed && d.Failure != nil {
		event.Data.Failure = &wire.Failure{Code: d.Failure.Code, Message: shorten(d.Failure.Message, maxReason), Step: d.Failure.Step}
	}
	if d.State == store.Completed && d.File != nil {
		event.Data.File = &wire.File{
			Bytes: d.File.Bytes, SHA256: d.File.SHA256, DurationSeconds: d.File.Duration.Seconds(), Width: d.File.Width, Height: d.File.Height,
		}
		until := d.ExpiresAt.Add(LinkLife - store.NotificationLife)
		event.Data.FileURL = link(d.VideoID, FileLink, until)
		if d.File.Thumbnail {
			event.Data.ThumbnailURL = link(d.VideoID, ThumbnailLink, until)
		}
		if d.File.Captions {
			event.Data.CaptionsURL = link(d.VideoID, CaptionsLink, until)
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
