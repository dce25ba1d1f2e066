package auth

import (
	"context"
	"net/http"
)

// guest is who sent a request, and how that is asked anew.
type guest struct {
	who   any
	again func(context.Context) (any, error)
}

// Again asks anew who sent the request of ctx, for an answer that goes on for long; nil: it
// may not come in any more. An error says that it cannot be told now.
func Again(ctx context.Context) (who any, err error) {
	g, ok := ctx.Value(whoKey{}).(guest)
	if !ok {
		return nil, nil
	}
	return g.again(ctx)
}

// again finds who sent r. It is no try of a stranger's, and counts as none.
func (d *Authenticator) again(ctx context.Context, r *http.Request) (any, error) {
	if shown, ok := bearer(r); ok {
		if d.token.is(shown) {
			return d.operator, nil
		}
		return d.find(ctx, shown)
	}
	known, err := d.sessions.known(r, d.overTLS(r))
	if known {
		return d.operator, nil
	}
	return nil, err
}
