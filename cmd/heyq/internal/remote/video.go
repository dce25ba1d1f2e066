package remote

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Video is a video as the API tells it.
type Video struct {
	ID          string            `json:"id"`
	Title       string            `json:"title"`
	State       string            `json:"state"`
	Priority    int               `json:"priority"`
	NotBefore   *time.Time        `json:"not_before"`
	Metadata    map[string]string `json:"metadata"`
	NotifyURL   string            `json:"notify_url"`
	HeyGenID    string            `json:"heygen_id"`
	Submission  int               `json:"submission"`
	CreatedAt   time.Time         `json:"created_at"`
	CompletedAt *time.Time        `json:"completed_at"`

	FilesRemovedAt *time.Time `json:"files_removed_at"`
	LastAnswer     string     `json:"last_answer"`
	Failure        *Failure   `json:"failure"`
	File           *File      `json:"file"`
	Timeline       []Event    `json:"timeline"` // of a single video only
	Message        string     `json:"message"`  // what a cancel or a retry means for the bill

	raw json.RawMessage
}

// Failure is why a video failed.
type Failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Step    string `json:"step"`
}

// File is what a finished video's file is.
type File struct {
	Bytes    int64   `json:"bytes"`
	SHA256   string  `json:"sha256"`
	Duration float64 `json:"duration_seconds"`
	Width    int     `json:"width"`
	Height   int     `json:"height"`
}

// Event is the beginning of a state.
type Event struct {
	State string    `json:"state"`
	At    time.Time `json:"at"`
}

// UnmarshalJSON reads a video and keeps what it read.
func (v *Video) UnmarshalJSON(data []byte) error {
	type fields Video // without methods
	if err := json.Unmarshal(data, (*fields)(v)); err != nil {
		return err
	}
	v.raw = append(json.RawMessage(nil), data...)
	return nil
}

// MarshalJSON gives what the API said, fields that are not known here included.
func (v Video) MarshalJSON() ([]byte, error) { return v.raw, nil }

// Final reports whether the video is at its end.
func (v Video) Final() bool {
	return v.State == "completed" || v.State == "failed" || v.State == "cancelled"
}

// Create asks for one video. The body is what POST /v1/videos takes. With a key
// the same call gives the first answer again.
func (c *Client) Create(ctx context.Context, body any, key string) (Video, error) {
	var v Video
	err := c.call(ctx, request{method: http.MethodPost, path: "/v1/videos", body: body, key: key}, &v)
	return v, err
}

// Video returns one video with its timeline. It is the one that was asked for:
// files are named by its id.
func (c *Client) Video(ctx context.Context, id string) (Video, error) {
	var v Video
	r := request{method: http.MethodGet, path: videoPath(id)}
	err := c.call(ctx, r, &v)
	if err == nil && (!strings.EqualFold(v.ID, id) || uuid.Validate(v.ID) != nil) {
		return Video{}, c.garbled(fmt.Errorf("it is about video %q", v.ID), r)
	}
	return v, err
}

// Cancel ends a video.
func (c *Client) Cancel(ctx context.Context, id string) (Video, error) {
	var v Video
	err := c.call(ctx, request{method: http.MethodPost, path: videoPath(id) + "/cancel"}, &v)
	return v, err
}

// Retry makes a failed or cancelled video run again. Where it may have been
// billed, newRender must say that paying again is meant.
func (c *Client) Retry(ctx context.Context, id string, newRender bool) (Video, error) {
	var v Video
	body := map[string]bool{"new_render": newRender}
	err := c.call(ctx, request{method: http.MethodPost, path: videoPath(id) + "/retry", body: body}, &v)
	return v, err
}

// Verification says whether the file of a video is the one that was published.
type Verification struct {
	ID      string `json:"id"`
	Whole   bool   `json:"whole"`
	Message string `json:"message"`
}

// Verify has the file of a completed video read to its end.
func (c *Client) Verify(ctx context.Context, id string) (Verification, error) {
	var v Verification
	err := c.call(ctx, request{method: http.MethodPost, path: videoPath(id) + "/verify"}, &v)
	return v, err
}

// Refetch has a lost file fetched again from HeyGen; one that is whole is a conflict.
func (c *Client) Refetch(ctx context.Context, id string) (Video, error) {
	var v Video
	err := c.call(ctx, request{method: http.MethodPost, path: videoPath(id) + "/refetch"}, &v)
	return v, err
}

// Resolve ends the review of a video. The verdict is adopt, with HeyGen's id of
// the render, resubmit, give_up, accept or reject.
func (c *Client) Resolve(ctx context.Context, id, verdict, heygenID string) (Video, error) {
	var v Video
	body := map[string]string{"verdict": verdict}
	if heygenID != "" {
		body["heygen_id"] = heygenID
	}
	err := c.call(ctx, request{method: http.MethodPost, path: videoPath(id) + "/resolve", body: body}, &v)
	return v, err
}

func videoPath(id string) string { return "/v1/videos/" + url.PathEscape(id) }

// Listing is a page of videos.
type Listing struct {
	Videos     []Video `json:"videos"`
	Pagination struct {
		Page       int `json:"page"`
		PerPage    int `json:"per_page"`
		Total      int `json:"total"`
		TotalPages int `json:"total_pages"`
	} `json:"pagination"`
}

// Videos lists videos, newest first. An empty state lists all.
func (c *Client) Videos(ctx context.Context, state string, page, perPage int) (Listing, error) {
	query := url.Values{"page": {strconv.Itoa(page)}, "per_page": {strconv.Itoa(perPage)}}
	if state != "" {
		query.Set("state", state)
	}
	var l Listing
	err := c.call(ctx, request{method: http.MethodGet, path: "/v1/videos", query: query}, &l)
	return l, err
}
