package client

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"heyq/wire"
)

// Videos are heyq's videos.
type Videos service

// Video is a video as a heyq tells it. Encoded it is the JSON that it came as, with
// fields that this client does not know.
type Video struct {
	wire.Video
	wire.Outlook              // of a single video only
	Timeline     []wire.Event `json:"timeline"` // of a single video only
	Message      string       `json:"message"`  // what a change means for the bill

	raw json.RawMessage
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

// MarshalJSON gives what the heyq said.
func (v Video) MarshalJSON() ([]byte, error) { return v.raw, nil }

// VideoList is a page of videos.
type VideoList struct {
	Videos     []Video         `json:"videos"`
	Pagination wire.Pagination `json:"pagination"`
}

// Create asks for one video: a wire.NewVideo, or the JSON of one. key is the
// Idempotency-Key: for a day the same call with the same key gives the first answer
// again. If it is empty, this call has a key of its own.
func (s *Videos) Create(ctx context.Context, video any, key string) (Video, error) {
	return call[Video](ctx, s.c, post("/v1/videos", video).underKey(key))
}

// Check says what is wrong with a request for a video, and creates nothing; nil: nothing is.
func (s *Videos) Check(ctx context.Context, video any) error {
	r := post("/v1/videos", video).underKey("") // of a dry run none is used up
	r.query = url.Values{"dry_run": {"true"}}
	_, err := call[wire.ValidAnswer](ctx, s.c, r)
	return err
}

// Batch is a list of videos to create together.
type Batch struct {
	Videos  any    // []wire.NewVideo, or a list with the JSON of each; wire.MaxBatch at most
	Key     string // makes the call safe to repeat for a day; empty: the call has one of its own
	DryRun  bool   // only check them
	Partial bool   // create the good ones although some are not
}

// CreateBatch asks for all of b at once. The fields of an Error that is invalid begin
// with videos[i], counting from 0.
func (s *Videos) CreateBatch(ctx context.Context, b Batch) ([]wire.BatchItem, error) {
	r := post("/v1/videos/batch", map[string]any{"videos": b.Videos}).underKey(b.Key)
	r.query = url.Values{}
	if b.DryRun {
		r.query.Set("dry_run", "true")
	}
	if b.Partial {
		r.query.Set("partial", "true")
	}
	answer, err := call[wire.BatchAnswer](ctx, s.c, r)
	return answer.Videos, err
}

// List lists videos, newest first. An empty state lists all.
func (s *Videos) List(ctx context.Context, state wire.State, page, perPage int) (VideoList, error) {
	r := get("/v1/videos")
	r.query = url.Values{"page": {strconv.Itoa(page)}, "per_page": {strconv.Itoa(perPage)}}
	if state != "" {
		r.query.Set("state", string(state))
	}
	return call[VideoList](ctx, s.c, r)
}

// VideoFilter says which videos are meant. What is empty lets all through.
type VideoFilter struct {
	State  wire.State
	UserID string
}

// All goes through the videos of all pages, newest first.
func (s *Videos) All(ctx context.Context, f VideoFilter) iter.Seq2[Video, error] {
	query := url.Values{}
	if f.State != "" {
		query.Set("state", string(f.State))
	}
	if f.UserID != "" {
		query.Set("user_id", f.UserID)
	}
	return pages(ctx, s.c, "/v1/videos", query, func(l VideoList) ([]Video, wire.Pagination) { return l.Videos, l.Pagination })
}

// Get returns one video with its timeline. It is the one that was asked for: files
// may be named by its id.
func (s *Videos) Get(ctx context.Context, id string) (Video, error) {
	r := get(at("/v1/videos/{}", id))
	v, err := call[Video](ctx, s.c, r)
	if err == nil && (!strings.EqualFold(v.ID, id) || uuid.Validate(v.ID) != nil) {
		return Video{}, s.c.garbled(fmt.Errorf("it is about video %q", v.ID), r, nil)
	}
	return v, err
}

// LookupItem is what is known of one video: what heyq has stored, what HeyGen tells, or
// why not.
type LookupItem struct {
	ID     string             `json:"id"`
	Video  *Video             `json:"video,omitempty"`
	HeyGen *wire.HeyGenRender `json:"heygen,omitempty"`
	Error  *wire.ItemError    `json:"error,omitempty"`
}

// Lookup returns an item for each id, in the order of the ids: wire.MaxLookup at most.
func (s *Videos) Lookup(ctx context.Context, l wire.Lookup) ([]LookupItem, error) {
	r := post("/v1/videos/lookup", l)
	answer, err := call[struct {
		Videos []LookupItem `json:"videos"`
	}](ctx, s.c, r)
	if err == nil && len(answer.Videos) != len(l.IDs) {
		return nil, s.c.garbled(fmt.Errorf("it has %d items for %d ids", len(answer.Videos), len(l.IDs)), r, nil)
	}
	return answer.Videos, err
}

// Cancel ends a video.
func (s *Videos) Cancel(ctx context.Context, id string) (Video, error) {
	return call[Video](ctx, s.c, post(at("/v1/videos/{}/cancel", id), nil))
}

// Retry makes a failed or cancelled video run again. If it may have been billed,
// NewRender must say that paying again is meant.
func (s *Videos) Retry(ctx context.Context, id string, r wire.RetryRequest) (Video, error) {
	return call[Video](ctx, s.c, post(at("/v1/videos/{}/retry", id), r))
}

// Resolve ends the review of a video.
func (s *Videos) Resolve(ctx context.Context, id string, r wire.ResolveRequest) (Video, error) {
	return call[Video](ctx, s.c, post(at("/v1/videos/{}/resolve", id), r))
}

// Share shows a video to a user, who may read it from then on.
func (s *Videos) Share(ctx context.Context, id, user string) (wire.Share, error) {
	return call[wire.Share](ctx, s.c, post(at("/v1/videos/{}/shares", id), wire.NewShare{UserID: user}))
}

// Shares lists to whom a video is shown, the first one first.
func (s *Videos) Shares(ctx context.Context, id string) ([]wire.Share, error) {
	answer, err := call[wire.ShareList](ctx, s.c, get(at("/v1/videos/{}/shares", id)))
	return answer.Shares, err
}

// Unshare shows a video to a user no more.
func (s *Videos) Unshare(ctx context.Context, id, user string) error {
	return s.c.remove(ctx, at("/v1/videos/{}/shares/{}", id, user), nil)
}

// Verify has the file of a completed video read to its end.
func (s *Videos) Verify(ctx context.Context, id string) (wire.Verification, error) {
	return call[wire.Verification](ctx, s.c, post(at("/v1/videos/{}/verify", id), nil))
}

// StartVerify does the same in the background: Tasks.Get tells what came of it.
func (s *Videos) StartVerify(ctx context.Context, id string) (wire.StartedTask, error) {
	r := post(at("/v1/videos/{}/verify", id), nil)
	r.query = url.Values{"background": {"true"}}
	return call[wire.StartedTask](ctx, s.c, r)
}

// Refetch has a lost file fetched again from HeyGen. If the file is whole, the error
// is a conflict.
func (s *Videos) Refetch(ctx context.Context, id string) (Video, error) {
	return call[Video](ctx, s.c, post(at("/v1/videos/{}/refetch", id), nil))
}

// File returns the file of a finished video, which the caller closes.
func (s *Videos) File(ctx context.Context, id string) (io.ReadCloser, error) {
	return s.open(ctx, at("/v1/videos/{}/file", id))
}

// Thumbnail returns its picture, a JPEG, which the caller closes.
func (s *Videos) Thumbnail(ctx context.Context, id string) (io.ReadCloser, error) {
	return s.open(ctx, at("/v1/videos/{}/thumbnail", id))
}

// Captions returns what is said in it, as SubRip, which the caller closes.
func (s *Videos) Captions(ctx context.Context, id string) (io.ReadCloser, error) {
	return s.open(ctx, at("/v1/videos/{}/captions", id))
}

// Script returns what the avatar was asked to say, in any state of the video.
func (s *Videos) Script(ctx context.Context, id string) (string, error) {
	answer, err := s.c.open(ctx, get(at("/v1/videos/{}/script", id)))
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	script, err := io.ReadAll(answer.Body)
	return string(script), err
}

func (s *Videos) open(ctx context.Context, path string) (io.ReadCloser, error) {
	r := get(path)
	r.stream = true
	answer, err := s.c.open(ctx, r)
	if err != nil {
		return nil, err
	}
	return answer.Body, nil
}

// Linked returns the file that a notification's link leads to, which the caller closes:
// the link's last four parts. A link needs no key; any HTTP client fetches it.
func (s *Videos) Linked(ctx context.Context, id, file, expires, signature string) (io.ReadCloser, error) {
	return s.open(ctx, at("/v1/links/{}/{}/{}/{}", id, file, expires, signature))
}
