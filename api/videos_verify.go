package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/media"
	"heyq/store"
	"heyq/wire"
)

func verifyOp() huma.Operation {
	return huma.Operation{
		OperationID: "verify-video",
		Tags:        []string{filesTag},
		Summary:     "Verify the file",
		Description: "Reads the file of a completed video to its end and compares its size and SHA-256 with those that it was published with. " +
			"Nothing is changed: `refetch` mends what is lost. 404 where there is no file yet, 410 where it is kept no longer.\n\n" +
			"A large file takes long to read. With `?background=true` the answer is a 202 with a task, whose result is what would be answered here.",
		Responses: map[string]*huma.Response{
			"200": answers("What was found", wire.Verification{ID: exampleID.String(), Whole: true, Message: "the file is whole"}),
			"202": answers("Begun (only with background)", wire.StartedTask{TaskID: exampleID.String(), Status: store.TaskStarted}),
		},
		Errors: []int{http.StatusNotFound, http.StatusGone, http.StatusServiceUnavailable},

		Middlewares: huma.Middlewares{patient},
	}
}

func refetchOp() huma.Operation {
	return huma.Operation{
		OperationID: "refetch-video",
		Tags:        []string{filesTag},
		Summary:     "Fetch a lost file again",
		Description: "Verifies the file of a completed video; one that is gone or differs is fetched again from HeyGen, and nothing is paid. " +
			"A file that is whole is a 409, and so is a video that HeyGen has no copy of any more. 410 where the file is kept no longer.",
		DefaultStatus: http.StatusAccepted,
		Responses:     map[string]*huma.Response{"202": answers("On its way again", refetchExample())},
		Errors:        []int{http.StatusNotFound, http.StatusConflict, http.StatusGone, http.StatusServiceUnavailable},

		Middlewares: huma.Middlewares{patient},
	}
}

// patient lets an answer take as long as reading a large file does.
func patient(hc huma.Context, next func(huma.Context)) {
	_, w := humago.Unwrap(hc)
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{}) // the error says that there is none to lift
	next(hc)
}

func refetchExample() wire.ChangedVideo {
	v := completedExample().Video
	v.State = store.Downloading
	return wire.ChangedVideo{Video: v, Message: refetching}
}

const refetching = "fetching the file again from HeyGen; nothing is paid again"

// verifyKind is what the tasks are called that verify a file.
const verifyKind = "verify-video"

type verifyInput struct {
	ID         string `path:"id" doc:"The video's id, a UUID"`
	Background bool   `query:"background" doc:"Answer at once, with a task"`
}

func (s *server) verifyVideo(ctx context.Context, in *verifyInput) (*reply, error) {
	verify := func(ctx context.Context) (any, error) {
		v, lost, err := s.verify(ctx, &idInput{in.ID})
		return wire.Verification{ID: v.ID.String(), Whole: lost == "", Message: cmp.Or(lost, "the file is whole")}, err
	}
	if in.Background {
		v, err := s.finished(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return s.inBackground(ctx, verifyKind, v.ID.String(), verify)
	}
	found, err := verify(ctx)
	if err != nil {
		return nil, err
	}
	return newReply(http.StatusOK, "", found)
}

func (s *server) refetchVideo(ctx context.Context, in *idInput) (*changedOutput, error) {
	v, lost, err := s.verify(ctx, in)
	if err != nil {
		return nil, err
	}
	if lost == "" {
		return nil, fault.New(fault.Conflict, "the file of video %s is whole; there is nothing to fetch again", v.ID)
	}
	if v, err = s.client.Refetch(ctx, viewerOf(ctx), v.ID, v.MediaPrefix); err != nil {
		return nil, err
	}
	return &changedOutput{http.StatusAccepted, showChangedVideo(v, refetching)}, nil
}

// verify says which of a finished video's files are lost, in words; "" if none is.
func (s *server) verify(ctx context.Context, in *idInput) (v store.Video, lost string, err error) {
	if v, err = s.finished(ctx, in.ID); err != nil {
		return v, "", err
	}
	err = s.files.Verify(ctx, v.MediaPrefix, v.File.Bytes, v.File.SHA256)
	if err == nil && v.File.Thumbnail {
		var picture *media.Object
		if picture, err = s.files.Open(ctx, v.MediaPrefix+media.ThumbnailName); err == nil {
			err = picture.Close()
		}
	}
	switch {
	case err == nil:
		return v, "", nil
	case media.Lost(err):
		return v, fmt.Sprintf("lost: %v", err), nil
	}
	return v, "", unreachable(v.ID, err)
}

func unreachable(id uuid.UUID, err error) error {
	return fault.Wrap(err, fault.Unavailable, "the media store did not give the file of video %s", id).
		WithHint("try again in a moment")
}
