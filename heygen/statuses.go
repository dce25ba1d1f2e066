package heygen

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"heyq/internal/fault"
)

// MaxStatuses is how many ids one call of Statuses may name.
const MaxStatuses = 100

// VideoStatus is where one render stands. Code and Message say why it failed, as
// far as HeyGen does; Videos.Get may know more.
type VideoStatus struct {
	ID      string
	Status  Status // StatusNotFound if HeyGen does not know the id
	Code    string
	Message string
}

type statusItem struct {
	VideoID string          `json:"video_id"`
	Status  Status          `json:"status"`
	Error   json.RawMessage `json:"error"`
}

// Statuses asks for up to MaxStatuses videos at once, and follows the pages that
// HeyGen makes of the answer. The answers come in any order; an id that is missing
// among them was not answered, which says nothing about it.
func (s *VideosService) Statuses(ctx context.Context, ids []string) ([]VideoStatus, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	if len(ids) > MaxStatuses {
		return nil, fault.New(fault.Invalid, "%d ids are too many for one call of statuses", len(ids)).
			WithHint("ask for up to %d at once", MaxStatuses)
	}
	escaped := make([]string, len(ids))
	for i, id := range ids {
		escaped[i] = url.QueryEscape(id)
	}
	first := "/v3/videos/statuses?video_ids=" + strings.Join(escaped, ",")
	path, out := first, make([]VideoStatus, 0, len(ids))
	for {
		var a answer[[]statusItem]
		if err := s.client.get(ctx, "statuses", path, nil, &a); err != nil {
			return nil, err
		}
		if a.Data == nil {
			return nil, fmt.Errorf("statuses: %w: no list", ErrUnreadable)
		}
		for _, item := range a.Data {
			if item.VideoID == "" {
				continue // an entry of another program's batch that has no video yet
			}
			out = append(out, s.client.statusOf(item))
		}
		if a.NextToken == "" || len(a.Data) == 0 || len(out) >= len(ids) {
			return out, nil
		}
		path = first + "&token=" + url.QueryEscape(a.NextToken)
	}
}

func (c *Client) statusOf(item statusItem) VideoStatus {
	v := VideoStatus{ID: item.VideoID, Status: item.Status}
	if !present(item.Error) {
		return v
	}
	v.Code, v.Message, _ = c.words(item.Error)
	return v
}
