package api

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/internal/policy"
	"heyq/store"
	"heyq/wire"
)

// lookupsAtOnce is how many renders HeyGen is asked about at a time, for all lookups of
// this process. lookupTime is how long one lookup asks: less than its client waits.
const (
	lookupsAtOnce = 16
	lookupTime    = time.Minute
)

func lookupOp() huma.Operation {
	return huma.Operation{
		OperationID: "lookup-videos",
		Tags:        []string{videosTag},
		Summary:     "Look up to 1,000 videos up",
		Description: "Gives each video as heyq has stored it, and its render as HeyGen tells it now, in the order of the ids. " +
			"An id of no video has the error `not_found`. A render that HeyGen was not asked about within a minute, or could not be, has the error `unavailable` beside what is stored: " +
			"look those up again. One failure never fails the others, and an id that is there twice is asked once.\n\n" +
			"With `stored` HeyGen is not asked. Each id counts as one read of your limit.",
		MaxBodyBytes: maxBody,
		RequestBody: required(examples{
			"two":    {Summary: "Two videos", Value: wire.Lookup{IDs: []string{exampleID.String(), otherExampleID}}},
			"stored": {Summary: "What heyq has stored of one", Value: wire.Lookup{IDs: []string{exampleID.String()}, Stored: true}},
		}),
		Responses: map[string]*huma.Response{"200": answers("An item for each id", lookupExample())},
		Errors: []int{
			http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity, http.StatusServiceUnavailable,
		},
	}
}

const otherExampleID = "0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9f"

func lookupExample() wire.LookupAnswer {
	v, at := completedExample(), exampleAt
	return wire.LookupAnswer{Videos: []wire.LookupItem{
		{ID: v.ID, Video: &v, HeyGen: &wire.HeyGenRender{
			ID: *v.HeyGenID, Status: "completed", Title: v.Title, CreatedAt: &at, CompletedAt: v.CompletedAt, DurationSeconds: 12.48,
			VideoURL: "https://files.heygen.ai/8f2b1c0d9e.mp4?Expires=1900000000",
		}},
		{ID: otherExampleID, Error: lookupError(notFound(otherExampleID))},
	}}
}

type lookupInput struct{ JSON body[wire.Lookup] }

type lookupOutput struct{ Body wire.LookupAnswer }

func (s *server) lookupVideos(ctx context.Context, in *lookupInput) (*lookupOutput, error) {
	asked, err := in.JSON.read(s.schemas())
	if over := count(ctx, "ids", min(max(len(asked.IDs), 1), wire.MaxLookup)); over != nil {
		return nil, over
	}
	switch {
	case err != nil:
		return nil, err
	case len(asked.IDs) == 0:
		return nil, fault.New(fault.Invalid, notReadable).WithField("ids", nil, "holds no id; give 1 to %d", wire.MaxLookup)
	case len(asked.IDs) > wire.MaxLookup:
		return nil, fault.New(fault.TooLarge, "the lookup has %d ids", len(asked.IDs)).WithHint("give at most %d at a time", wire.MaxLookup)
	}
	videos, err := s.stored(ctx, asked.IDs)
	if err != nil {
		return nil, err
	}
	var renders map[string]toldRender
	if !asked.Stored {
		renders = s.told(ctx, videos)
	}
	s.learn(ctx)
	items := make([]wire.LookupItem, len(asked.IDs))
	for i, id := range asked.IDs {
		items[i] = wire.LookupItem{ID: id}
		v, ok := videos[id]
		if !ok {
			items[i].Error = lookupError(notFound(id))
			continue
		}
		details := s.showDetails(v)
		items[i].Video = &details
		if r, ok := renders[v.HeyGenID]; ok {
			items[i].HeyGen, items[i].Error = r.render, lookupError(r.err)
		}
	}
	return &lookupOutput{wire.LookupAnswer{Videos: items}}, nil
}

// stored reads the videos that there are and that the caller sees, all at once. They are
// found by what was asked for.
func (s *server) stored(ctx context.Context, asked []string) (map[string]store.Video, error) {
	askedAs := make(map[uuid.UUID][]string, len(asked))
	for _, text := range asked {
		if id, err := idOf(text); err == nil {
			askedAs[id] = append(askedAs[id], text)
		}
	}
	list, err := s.store.VideosByID(ctx, viewerOf(ctx), slices.Collect(maps.Keys(askedAs)))
	videos := make(map[string]store.Video, len(list))
	for _, v := range list {
		for _, text := range askedAs[v.ID] {
			videos[text] = v
		}
	}
	return videos, err
}

// toldRender is what came of asking HeyGen about one render.
type toldRender struct {
	render *wire.HeyGenRender
	err    error
}

// told asks HeyGen about the renders of videos, each once, some at a time. What people
// ask for keeps to the breaker, and opens none.
func (s *server) told(ctx context.Context, videos map[string]store.Video) map[string]toldRender {
	ctx, cancel := context.WithTimeout(policy.Watching(ctx), lookupTime)
	defer cancel()
	renders := make(map[string]toldRender)
	for _, v := range videos {
		if v.HeyGenID != "" {
			renders[v.HeyGenID] = toldRender{err: errNotAsked}
		}
	}
	var mu sync.Mutex // guards renders from here on
	var all sync.WaitGroup
	for _, id := range slices.Collect(maps.Keys(renders)) {
		if s.lookups.Acquire(ctx, 1) != nil {
			break // the others have the error that they were not asked about
		}
		all.Go(func() {
			defer s.lookups.Release(1)
			r, err := s.renders.Render(ctx, id)
			if ctx.Err() != nil && err != nil {
				err = errNotAsked
			}
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				renders[id] = toldRender{err: err}
			} else {
				renders[id] = toldRender{render: &r}
			}
		})
	}
	all.Wait()
	return renders
}

var errNotAsked = fault.New(fault.Unavailable, "HeyGen did not answer within %d s", int(lookupTime.Seconds())).WithHint("look this one up again")

// lookupError is an error of one video of a list; nil stays nil.
func lookupError(err error) *wire.ItemError {
	if err == nil {
		return nil
	}
	e := &wire.ItemError{Code: fault.CodeOf(err), Message: "heyq failed to look it up", Fields: []fault.Field{}}
	if f, ok := errors.AsType[*fault.Error](err); ok {
		e.Message = newProblem(0, f.Message, f.Hint).Detail
	}
	return e
}
