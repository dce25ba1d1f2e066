package app

import (
	"context"
	"errors"
	"net/http"
	"time"

	"heyq/heygen"
	"heyq/internal/fault"
	"heyq/wire"
)

// renders answers the API's questions about HeyGen's renders.
type renders struct{ client *heygen.Client }

// Render implements api.Renders.
func (r renders) Render(ctx context.Context, heygenID string) (wire.HeyGenRender, error) {
	v, err := r.client.Videos.Get(ctx, heygenID)
	answer, answered := errors.AsType[*heygen.Error](err)
	switch {
	case answered && answer.Status == http.StatusNotFound:
		return wire.HeyGenRender{}, fault.Wrap(err, fault.NotFound, "HeyGen knows no render %s", heygenID)
	case err != nil:
		return wire.HeyGenRender{}, fault.Wrap(err, fault.Unavailable, "HeyGen could not be asked about the render %s", heygenID)
	}
	return wire.HeyGenRender{
		ID: v.ID, Status: string(v.Status), Title: v.Title, CreatedAt: seconds(v.CreatedAt), CompletedAt: seconds(v.CompletedAt), DurationSeconds: v.Duration,
		VideoURL: v.VideoURL, ThumbnailURL: v.ThumbnailURL, PageURL: v.PageURL, FailureCode: v.FailureCode, FailureMessage: v.FailureMessage,
	}, nil
}

// seconds is a time in Unix seconds; nil if it is not known.
func seconds(unix int64) *time.Time {
	if unix <= 0 {
		return nil
	}
	t := time.Unix(unix, 0).UTC()
	return &t
}
