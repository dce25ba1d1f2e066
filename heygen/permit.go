package heygen

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// ErrNotSent says that nothing was sent: HeyGen cannot know of the call.
var ErrNotSent = errors.New("not sent")

// guard lets a request pass only if its context lives, the client may make such
// a call at all, and its own guard, if it has one, agrees. It stands right before the wire, so that whatever held the
// request up before (a full queue, a sleeping process) is already counted.
type guard struct {
	next   http.RoundTripper
	permit func(call string) error // nil: all may pass
}

func (g *guard) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := g.mayPass(req.Context()); err != nil {
		closeBody(req)
		return nil, fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	return g.next.RoundTrip(req)
}

func (g *guard) mayPass(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	call := callOf(ctx)
	if g.permit != nil {
		if err := g.permit(call.name); err != nil {
			return err
		}
	}
	if call.guard != nil {
		return call.guard()
	}
	return nil
}
