package api

import (
	"time"

	"github.com/google/uuid"

	"heyq/store"
	"heyq/wire"
)

// show makes a row presentable.
func show(v store.Video) wire.Video {
	shown := wire.Video{
		ID: v.ID.String(), Title: v.Title, Description: v.Description, State: v.State,
		UserID: v.UserID, Priority: v.Priority, Metadata: v.Metadata, Submission: v.Submission,
		CreatedAt: v.CreatedAt.UTC(), CompletedAt: timeOrNull(v.CompletedAt), FilesRemovedAt: timeOrNull(v.FilesRemovedAt),
	}
	if v.NotBefore.After(v.CreatedAt) {
		shown.NotBefore = timeOrNull(v.NotBefore)
	}
	if shown.Metadata == nil {
		shown.Metadata = map[string]string{}
	}
	if v.NotifyURL != "" {
		shown.NotifyURL = &v.NotifyURL
	}
	if v.HeyGenID != "" {
		shown.HeyGenID = &v.HeyGenID
	}
	if v.LastAnswer != "" {
		shown.LastAnswer = &v.LastAnswer
	}
	if v.Failure != nil {
		shown.Failure = &wire.Failure{Code: v.Failure.Code, Message: v.Failure.Message, Step: v.Failure.Step}
	}
	if v.File != nil {
		shown.File = &wire.File{
			Bytes: v.File.Bytes, SHA256: v.File.SHA256, DurationSeconds: v.File.Duration.Seconds(), Width: v.File.Width, Height: v.File.Height,
		}
	}
	return shown
}

func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// idOf reads an id. What is no UUID names no video, so it is a fault.NotFound.
func idOf(s string) (uuid.UUID, error) {
	id, err := uuid.Parse(s)
	if err != nil || len(s) != len(uuid.Nil.String()) {
		return id, notFound(s)
	}
	return id, nil
}

// What the documentation shows of videos: the life of one.

var (
	exampleID = uuid.MustParse("0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e")
	exampleAt = time.Date(2030, 12, 31, 9, 0, 0, 0, time.UTC)
)

func queuedExample() wire.Video {
	return show(store.Video{
		ID: exampleID, Title: "Hello Ada", State: store.Queued, UserID: store.DefaultUser,
		Metadata: map[string]string{"customer": "4711"}, Submission: 1, CreatedAt: exampleAt,
	})
}
