package wire

import (
	"time"

	"github.com/google/uuid"
)

// Ended is the body of a notification, after the Standard Webhooks specification.
type Ended struct {
	Type      string     `json:"type"`      // video.completed, video.failed or video.cancelled
	Timestamp time.Time  `json:"timestamp"` // when the video ended so
	Data      EndedVideo `json:"data"`
}

// EndedVideo is the video as it ended, under the names of GET /v1/videos/{id}.
type EndedVideo struct {
	ID        uuid.UUID         `json:"id"`
	State     State             `json:"state"`
	Title     string            `json:"title"`
	Metadata  map[string]string `json:"metadata"`
	CreatedAt time.Time         `json:"created_at"`
	Failure   *Failure          `json:"failure"` // null unless it failed
	File      *File             `json:"file"`    // null unless it is completed

	// Where to fetch the files without a key for seven days, if heyq knows its own address
	// and there are such.
	FileURL      string `json:"file_url,omitempty"`
	ThumbnailURL string `json:"thumbnail_url,omitempty"`
	CaptionsURL  string `json:"captions_url,omitempty"`
}
