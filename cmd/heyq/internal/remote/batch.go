package remote

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"heyq/internal/fault"
)

// MaxBatch is how many videos the API takes at once.
const MaxBatch = 1000

// Batch is a list of videos to be created together.
type Batch struct {
	Bodies  []json.RawMessage // as POST /v1/videos takes them
	Key     string            // Idempotency-Key; empty: none
	DryRun  bool              // only check them
	Partial bool              // create the good ones although some are not
}

// Item is what became of one video of a batch.
type Item struct {
	Index int    `json:"index"`
	ID    string `json:"id,omitempty"`
	State string `json:"state,omitempty"`
	Error *struct {
		Code    string        `json:"code"`
		Message string        `json:"message"`
		Field   string        `json:"field"`
		Fields  []fault.Field `json:"fields"` // ten at most
	} `json:"error,omitempty"`
	Existing bool `json:"existing,omitempty"` // its idempotency_key had made it before
}

// CreateBatch asks for all of b at once. The fields of a fault.Invalid begin
// with videos[i], counting from 0.
func (c *Client) CreateBatch(ctx context.Context, b Batch) ([]Item, error) {
	query := url.Values{}
	if b.DryRun {
		query.Set("dry_run", "true")
	}
	if b.Partial {
		query.Set("partial", "true")
	}
	var answer struct {
		Videos []Item `json:"videos"`
	}
	body := map[string]any{"videos": b.Bodies}
	err := c.call(ctx, request{
		method: http.MethodPost, path: "/v1/videos/batch", query: query, key: b.Key, body: body,
	}, &answer)
	return answer.Videos, err
}
