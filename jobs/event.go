package jobs

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"heyq/store"
	"heyq/wire"
)

// maxReason bounds HeyGen's own words, which nothing else does, in characters.
const maxReason = 4000

// EncodeEvent returns the body of a delivery. It is the same for each try, and the
// limits of a request keep it below 256 KiB. publicURL is where heyq's API is reached; empty: not known.
func EncodeEvent(d store.Delivery, publicURL string) ([]byte, error) {
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
