package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyq/internal/fault"
	"heyq/live"
	"heyq/store"
	"heyq/wire"
)

func getOp() huma.Operation {
	return huma.Operation{
		OperationID: "get-video",
		Tags:        []string{videosTag},
		Summary:     "Get a video",
		Description: "The video as it is now, with its timeline (every state that it was in, and since when), how far it has come, and when it will be completed.",
		Responses:   map[string]*huma.Response{"200": answers("The video", completedExample())},
		Errors:      []int{http.StatusNotFound, http.StatusServiceUnavailable},
	}
}

// idInput is the input of the calls that need only an id.
type idInput struct {
	ID string `path:"id" doc:"The video's id, a UUID" example:"0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e"`
}

type getOutput struct{ Body wire.VideoDetails }

func (s *server) getVideo(ctx context.Context, in *idInput) (*getOutput, error) {
	v, err := s.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	s.learn(ctx)
	return &getOutput{s.showDetails(v)}, nil
}

// outlookPatience is what the first who ask wait until it is known what videos take.
const outlookPatience = 100 * time.Millisecond

// learn sees to it that what videos take is known to showDetails, if it can be.
func (s *server) learn(ctx context.Context) {
	if s.live != nil {
		ctx, cancel := context.WithTimeout(ctx, outlookPatience)
		defer cancel()
		s.live.Learn(ctx)
	}
}

func (s *server) showDetails(v store.Video) wire.VideoDetails {
	timeline := make([]wire.Event, len(v.Timeline))
	for i, e := range v.Timeline {
		timeline[i] = wire.Event{State: e.State, At: e.At.UTC()}
	}
	shown := wire.VideoDetails{Video: show(v), Timeline: timeline}
	if s.live != nil {
		shown.Outlook = s.live.Outlook(live.Present(v))
	}
	return shown
}

// find returns the video of an id as it stands in a path.
func (s *server) find(ctx context.Context, id string) (store.Video, error) {
	parsed, err := idOf(id)
	if err != nil {
		return store.Video{}, err
	}
	return s.store.Video(ctx, viewerOf(ctx), parsed)
}

// notFound says of what is no UUID what the store says of an id without a row.
func notFound(id string) error {
	return fault.New(fault.NotFound, "there is no video %.100q", id).WithAdvice(fault.ListVideos, "")
}

func completedExample() wire.VideoDetails {
	after := func(s store.State, d time.Duration) wire.Event { return wire.Event{State: s, At: exampleAt.Add(d)} }
	v := wire.VideoDetails{Video: queuedExample(), Timeline: []wire.Event{
		after(store.Queued, 0), after(store.Submitting, time.Second), after(store.Rendering, 3*time.Second),
		after(store.Downloading, 8*time.Minute), after(store.Completed, 8*time.Minute+2*time.Second),
	}}
	heygenID, completedAt, all := "8f2b1c0d9e", v.Timeline[4].At, 100
	v.Progress = &all
	v.State, v.HeyGenID, v.CompletedAt = store.Completed, &heygenID, &completedAt
	v.File = &wire.File{
		Bytes: 1048576, DurationSeconds: 12.48, Width: 1920, Height: 1080,
		SHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
	}
	return v
}
