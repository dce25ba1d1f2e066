package app

import (
	"context"
	"errors"
	"net/http"

	"heyq/heygen"
	"heyq/internal/fault"
)

// renders answers the API's questions about HeyGen's renders.
type renders struct{ client *heygen.Client }

// Title implements api.Renders.
func (r renders) Title(ctx context.Context, heygenID string) (string, error) {
	v, err := r.client.Videos.Get(ctx, heygenID)
	answer, answered := errors.AsType[*heygen.Error](err)
	switch {
	case answered && answer.Status == http.StatusNotFound:
		return "", fault.Wrap(err, fault.NotFound, "HeyGen knows no render %s", heygenID)
	case err != nil:
		return "", fault.Wrap(err, fault.Unavailable, "HeyGen could not be asked about the render %s", heygenID)
	}
	return v.Title, nil
}
