package heygen

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// ErrNotSent says that nothing was sent: HeyGen cannot know of the call.
var ErrNotSent = errors.New("not sent")

// permit lets a request pass only if its context lives, the client may make such a
// call at all, and the call may still be sent. It stands right before the wire, so
// that whatever held the request up before (a full queue, a sleeping process) is
// already counted.
type permit struct {
	next  http.RoundTripper
	calls func(call string) error // nil: all may pass
}

func (p *permit) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := p.mayPass(req.Context()); err != nil {
		closeBody(req)
		return nil, fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	return p.next.RoundTrip(req)
}

func (p *permit) mayPass(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	call := callOf(ctx)
	if p.calls != nil {
		if err := p.calls(call.name); err != nil {
			return err
		}
	}
	if call.maySend != nil {
		return call.maySend()
	}
	return nil
}
