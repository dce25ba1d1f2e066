package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyq/internal/fault"
	"heyq/store"
)

func getOp() huma.Operation {
	return huma.Operation{
		OperationID: "get-video",
		Tags:        []string{videosTag},
		Summary:     "Get a video",
		Description: "The video as it is now, with its timeline: every state that it was in, and since when.",
		Responses:   map[string]*huma.Response{"200": answerOf("The video", completedExample())},
		Errors:      []int{http.StatusNotFound, http.StatusServiceUnavailable},
	}
}

// idInput is the input of the calls that need only an id.
type idInput struct {
	ID string `path:"id" doc:"The video's id, a UUID" example:"0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e"`
}

type getOutput struct{ Body VideoDetails }

// VideoDetails is a video with its history.
type VideoDetails struct {
	Video
	Timeline []Event `json:"timeline" nullable:"false" doc:"Every state that it was in, oldest first"`
}

func (s *server) getVideo(ctx context.Context, in *idInput) (*getOutput, error) {
	v, err := s.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &getOutput{showDetails(v)}, nil
}

func showDetails(v store.Video) VideoDetails {
	timeline := make([]Event, len(v.Timeline))
	for i, e := range v.Timeline {
		timeline[i] = Event{e.State, e.At.UTC()}
	}
	return VideoDetails{show(v), timeline}
}

// find returns the video of an id as it stands in a path.
func (s *server) find(ctx context.Context, id string) (store.Video, error) {
	parsed, err := idOf(id)
	if err != nil {
		return store.Video{}, err
	}
	return s.store.Video(ctx, parsed)
}

// notFound says of what is no UUID what the store says of an id without a row.
func notFound(id string) error {
	return fault.New(fault.NotFound, "there is no video %.100q", id).WithAdvice(fault.ListVideos, "")
}
