package heygen

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
)

// VideosService calls /v3/videos.
type VideosService struct{ client *Client }

// Video is a render and, once it is completed, its links. The links are presigned
// and expire: fetch them right before use.
type Video struct {
	ID                string  `json:"id"`
	Status            Status  `json:"status"`
	Title             string  `json:"title"`
	CreatedAt         int64   `json:"created_at"`   // Unix seconds, 0 if unknown
	CompletedAt       int64   `json:"completed_at"` // Unix seconds, 0 if unknown
	Duration          float64 `json:"duration"`     // seconds
	VideoURL          string  `json:"video_url"`    // may be empty for a while after completed
	CaptionedVideoURL string  `json:"captioned_video_url"`
	SubtitleURL       string  `json:"subtitle_url"`
	ThumbnailURL      string  `json:"thumbnail_url"`
	GIFURL            string  `json:"gif_url"`
	PageURL           string  `json:"video_page_url"`
	FolderID          string  `json:"folder_id"`
	FailureCode       string  `json:"failure_code"` // an open set, upper and lower case
	FailureMessage    string  `json:"failure_message"`
}

// UnmarshalJSON reads a VideoDetail. Its failure is kept in whatever shape HeyGen
// tells it: a render must not be lost to the form of a reason.
func (v *Video) UnmarshalJSON(raw []byte) error {
	type fields Video
	detail := struct {
		*fields
		FailureCode    json.RawMessage `json:"failure_code"`
		FailureMessage json.RawMessage `json:"failure_message"`
		Error          json.RawMessage `json:"error"`
	}{fields: (*fields)(v)}
	if err := json.Unmarshal(raw, &detail); err != nil {
		return err
	}
	code, message, _ := words(detail.Error)
	v.FailureCode = cmp.Or(word(detail.FailureCode), code)
	v.FailureMessage = cmp.Or(word(detail.FailureMessage), message)
	return nil
}

// Get returns one video, with fresh links. A 404 means that it was deleted or
// never ours.
func (s *VideosService) Get(ctx context.Context, id string) (Video, error) {
	path, err := pathTo("/v3/videos", id)
	if err != nil {
		return Video{}, fmt.Errorf("get: %w", err)
	}
	var a answer[Video]
	if err := s.client.get(ctx, "get", path, nil, &a); err != nil {
		return Video{}, err
	}
	if a.Data.ID == "" || a.Data.Status == "" {
		return Video{}, fmt.Errorf("get: %w: no id or no status", ErrUnreadable)
	}
	s.client.cleanFailure(&a.Data)
	return a.Data, nil
}

// ListOptions chooses a page of videos.
type ListOptions struct {
	Title string // part of the title; empty: all
	Limit int    // 1 to 100; 0: HeyGen's default, 10
	Token string // Next of the page before
}

// List returns one page of videos, the newest first.
func (s *VideosService) List(ctx context.Context, o ListOptions) (Page[Video], error) {
	var a answer[[]Video]
	q := query(o.Limit, "title", o.Title, "token", o.Token)
	if err := s.client.get(ctx, "list", "/v3/videos", q, &a); err != nil {
		return Page[Video]{}, err
	}
	for i := range a.Data {
		s.client.cleanFailure(&a.Data[i])
	}
	return pageOf("list", a)
}

// Delete removes a video at HeyGen. The second time is a 404.
func (s *VideosService) Delete(ctx context.Context, id string) error {
	path, err := pathTo("/v3/videos", id)
	if err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return s.client.delete(ctx, "delete", path, &answer[struct{}]{})
}

func (c *Client) cleanFailure(v *Video) {
	v.FailureCode, v.FailureMessage = c.clean(v.FailureCode), c.clean(v.FailureMessage)
}
