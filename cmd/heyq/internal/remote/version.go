package remote

import (
	"context"
	"net/http"

	"heyq/internal/build"
)

// Version says what the heyq that answers was built from.
func (c *Client) Version(ctx context.Context) (build.Info, error) {
	var v build.Info
	err := c.call(ctx, request{method: http.MethodGet, path: "/v1/version"}, &v)
	return v, err
}
