package wire

import (
	"time"

	"heyq/store"
)

// State is where a video stands.
type State = store.State

// Video is a video as the API shows it. Every field is always there; what is
// not known yet is null.
type Video struct {
	ID          string            `json:"id" format:"uuid" example:"0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e"`
	Title       string            `json:"title" example:"Hello Ada"`
	Description string            `json:"description"`
	State       store.State       `json:"state" enum:"queued,submitting,rendering,downloading,completed,failed,cancelled" example:"queued"`
	UserID      string            `json:"user_id" example:"default"`
	Priority    int               `json:"priority" example:"0" doc:"Higher first among those that wait"`
	NotBefore   *time.Time        `json:"not_before" doc:"null: at once"`
	Metadata    map[string]string `json:"metadata" doc:"Your own, as it came"`
	NotifyURL   *string           `json:"notify_url" doc:"What is told when it has ended; null: nothing"`
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

// VideoDetails is a video with its history.
type VideoDetails struct {
	Video
	Outlook
	Timeline []Event `json:"timeline" nullable:"false" doc:"Every state that it was in, oldest first"`
}

// ChangedVideo is a video after a cancel or a retry.
type ChangedVideo struct {
	Video
	Message string `json:"message" doc:"What happened, and what is or may be billed"`
}

// VideoList is one page of a listing.
type VideoList struct {
	Videos     []Video    `json:"videos" nullable:"false"`
	Pagination Pagination `json:"pagination"`
}

// Pagination says which page it is, of how many.
type Pagination struct {
	Page       int `json:"page" example:"1"`
	PerPage    int `json:"per_page" example:"50"`
	Total      int `json:"total" example:"120" doc:"How many match, on all pages; 10,000 at most"`
	TotalPages int `json:"total_pages" example:"3"`

	TotalCapped bool    `json:"total_capped" doc:"There are more than total"`
	NextCursor  *string `json:"next_cursor" doc:"The cursor of the next page; null: there is none"`
}

// RetryRequest is the optional body of a retry.
type RetryRequest struct {
	NewRender bool `json:"new_render,omitempty" doc:"Allow another paid render where the first may have been billed"`
}

// ResolveRequest is what a person decided.
type ResolveRequest struct {
	Verdict  store.Verdict `json:"verdict" enum:"adopt,resubmit,give_up,accept,reject" doc:"What is to be done"`
	HeyGenID string        `json:"heygen_id,omitempty" doc:"HeyGen's id of the render to adopt; with adopt alone"`
}

// Verification says whether a file is the one that was published.
type Verification struct {
	ID      string `json:"id" format:"uuid" doc:"The video's id"`
	Whole   bool   `json:"whole" doc:"Whether the file is there, with its size and its SHA-256"`
	Message string `json:"message" doc:"What was found"`
}
