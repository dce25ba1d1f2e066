package api

import (
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"heyq/store"
)

// Video is a video as the API shows it. Every field is always there; what is
// not known yet is null.
type Video struct {
	ID          uuid.UUID         `json:"id" format:"uuid" example:"0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e"`
	Title       string            `json:"title" example:"Hello Ada"`
	Description string            `json:"description"`
	State       store.State       `json:"state" enum:"queued,submitting,rendering,downloading,completed,failed,cancelled" example:"queued"`
	UserID      string            `json:"user_id" example:"default"`
	Priority    int               `json:"priority" example:"0" doc:"-10 to 10; higher first"`
	NotBefore   *time.Time        `json:"not_before" doc:"null: at once"`
	Metadata    map[string]string `json:"metadata" doc:"Your own, as it came"`
	NotifyURL   *string           `json:"notify_url" doc:"Who is told when it has ended; null: nobody"`
	HeyGenID    *string           `json:"heygen_id" doc:"HeyGen's id; null until HeyGen accepted it"`
	Submission  int               `json:"submission" example:"1" doc:"Which render this is; it grows when a retry submits anew"`
	CreatedAt   time.Time         `json:"created_at"`
	CompletedAt *time.Time        `json:"completed_at"`
	LastAnswer  *string           `json:"last_answer" doc:"Of a video that is being submitted: what HeyGen answered last, if that does not say whether it took the video; else null"`
	Failure     *Failure          `json:"failure" doc:"Why it failed; null unless it did"`
	File        *File             `json:"file" doc:"What was measured of the file; null until it is published"`

	FilesRemovedAt *time.Time `json:"files_removed_at" doc:"When its files were removed, being old; null: they were not"`
}

// Failure is why a video failed.
type Failure struct {
	Code    string     `json:"code" example:"voice_not_found" doc:"HeyGen's own where HeyGen is the reason"`
	Message string     `json:"message"`
	Step    store.Step `json:"step" enum:"create,poll,download"`
}

// File is what is known of a finished file.
type File struct {
	Bytes           int64   `json:"bytes" example:"1048576"`
	SHA256          string  `json:"sha256" doc:"In hex; also the file's ETag"`
	DurationSeconds float64 `json:"duration_seconds" example:"12.48"`
	Width           int     `json:"width" example:"1920"`
	Height          int     `json:"height" example:"1080"`
}

// Event is one change of state.
type Event struct {
	State store.State `json:"state" enum:"queued,submitting,rendering,downloading,completed,failed,cancelled"`
	At    time.Time   `json:"at"`
}

// TransformSchema says which objects may be null.
func (Video) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	return orNull(s, "failure", "file")
}

// orNull says of objects that they may be null, which huma cannot say of a
// reference.
func orNull(s *huma.Schema, names ...string) *huma.Schema {
	for _, name := range names {
		was := s.Properties[name]
		s.Properties[name] = &huma.Schema{
			Description: was.Description,
			AnyOf:       []*huma.Schema{{Ref: was.Ref}, {Type: "null"}},
		}
	}
	return s
}

// show makes a row presentable.
func show(v store.Video) Video {
	shown := Video{
		ID: v.ID, Title: v.Title, Description: v.Description, State: v.State,
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
		shown.Failure = &Failure{v.Failure.Code, v.Failure.Message, v.Failure.Step}
	}
	if v.File != nil {
		shown.File = &File{v.File.Bytes, v.File.SHA256, v.File.Duration.Seconds(), v.File.Width, v.File.Height}
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
