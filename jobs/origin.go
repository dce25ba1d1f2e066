package jobs

import (
	"context"
	"slices"

	"heyq/internal/trace"
	"heyq/store"
)

// accepted are the spans under which videos are accepted; none if tracing is
// off.
type accepted []trace.Accepted

// from has the rows of a creation remember where they come from: the request and
// the trace of ctx.
func from(ctx context.Context, c store.Creation) (store.Creation, accepted) {
	request, spans := trace.Request(ctx), accepted(trace.Accept(ctx, len(c.Videos)))
	if request == "" && spans == nil {
		return c, nil
	}
	c.Videos = slices.Clone(c.Videos)
	for i := range c.Videos {
		v := &c.Videos[i]
		v.Origin.Request = request
		if spans != nil {
			v.Origin.Trace = spans[i].Parent
			spans[i].Video(v.ID).User(v.UserID).Request(request)
		}
	}
	return c, spans
}

func (a accepted) end(err error) {
	for _, span := range a {
		span.Error(err).End()
	}
}
