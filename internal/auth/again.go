package auth

import (
	"context"
	"net/http"
)

// Again asks anew who sent the request of ctx, for an answer that goes on for long; nil: it
// may not come in any more. An error says that it cannot be told now.
func Again(ctx context.Context) (who any, err error) {
	if v := visitorOf(ctx); v.again != nil {
		return v.again(ctx)
	}
	return nil, nil
}

// again finds who sent r. It is no try of a stranger's, and counts as none.
func (d *Authenticator) again(ctx context.Context, r *http.Request) (any, error) {
	if shown, ok := bearer(r); ok {
		if d.token.is(shown) {
			return d.operator, nil
		}
		return d.find(ctx, shown)
	}
	who, _, err := d.carries(r.WithContext(ctx))
	return who, err
}
