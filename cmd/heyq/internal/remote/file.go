package remote

import (
	"context"
	"io"
	"net/http"
)

// OpenFile returns the file of a finished video and its size; -1 where the API
// does not say. Whoever calls it closes the file.
func (c *Client) OpenFile(ctx context.Context, id string) (io.ReadCloser, int64, error) {
	answer, err := c.open(ctx, request{method: http.MethodGet, path: videoPath(id) + "/file"})
	if err != nil {
		return nil, 0, err
	}
	return answer.Body, answer.ContentLength, nil
}
