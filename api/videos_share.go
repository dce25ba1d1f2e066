package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"heyq/store"
	"heyq/wire"
)

func shareOp() huma.Operation {
	return huma.Operation{
		OperationID: "share-video",
		Tags:        []string{videosTag},
		Summary:     "Show a video to a user",
		Description: "Lets a user read a video that is not its own, with its files: it is in the user's list from then on. " +
			"The user changes nothing of it, does not see whom it tells of its end, and shows it to no others: each of that is a 403. " +
			"To show it once more changes nothing. A video can be shown to 1,000 users.",
		MaxBodyBytes: maxBody,
		RequestBody:  required(examples{"user": {Summary: "To a user", Value: wire.NewShare{UserID: exampleID.String()}}}),
		Responses:    map[string]*huma.Response{"200": answers("It is shown", shareExample())},
		Errors: []int{
			http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusServiceUnavailable,
		},
	}
}

type shareInput struct {
	ID   string `path:"id" doc:"The video's id, a UUID"`
	JSON body[wire.NewShare]
}

type shareOutput struct{ Body wire.Share }

func (s *server) shareVideo(ctx context.Context, in *shareInput) (*shareOutput, error) {
	id, err := idOf(in.ID)
	if err != nil {
		return nil, err
	}
	asked, err := in.JSON.read(s.schemas())
	if err != nil {
		return nil, err
	}
	user, err := userID(asked.UserID)
	if err != nil {
		return nil, s.ofOwn(ctx, id, store.ErrCannotShare(asked.UserID, "is no user's id; give one"))
	}
	shared, err := s.store.Share(ctx, viewerOf(ctx), id, user)
	if err != nil {
		return nil, err
	}
	return &shareOutput{showShare(shared)}, nil
}

func sharesOp() huma.Operation {
	return huma.Operation{
		OperationID: "list-shares",
		Tags:        []string{videosTag},
		Summary:     "List to whom a video is shown",
		Description: "Beside the user whose video it is, and those who see all. The first one first.",
		Responses:   map[string]*huma.Response{"200": answers("All of them", wire.ShareList{Shares: []wire.Share{shareExample()}})},
		Errors:      []int{http.StatusNotFound, http.StatusServiceUnavailable},
	}
}

type shareListOutput struct{ Body wire.ShareList }

func (s *server) listShares(ctx context.Context, in *idInput) (*shareListOutput, error) {
	id, err := idOf(in.ID)
	if err != nil {
		return nil, err
	}
	list, err := s.store.Shares(ctx, viewerOf(ctx), id)
	if err != nil {
		return nil, err
	}
	shown := make([]wire.Share, len(list))
	for i, share := range list {
		shown[i] = showShare(share)
	}
	return &shareListOutput{wire.ShareList{Shares: shown}}, nil
}

func unshareOp() huma.Operation {
	return huma.Operation{
		OperationID:   "unshare-video",
		Tags:          []string{videosTag},
		Summary:       "Show a video to a user no more",
		Description:   "From the next request on the video is not there for the user.",
		DefaultStatus: http.StatusNoContent,
		Errors:        []int{http.StatusNotFound, http.StatusServiceUnavailable},
	}
}

type unshareInput struct {
	ID     string `path:"id" doc:"The video's id, a UUID"`
	UserID string `path:"user_id" doc:"The user's id, a UUID"`
}

func (s *server) unshareVideo(ctx context.Context, in *unshareInput) (*struct{}, error) {
	id, err := idOf(in.ID)
	if err != nil {
		return nil, err
	}
	user, err := userID(in.UserID)
	if err != nil {
		return nil, s.ofOwn(ctx, id, store.ErrNotShared(id, in.UserID))
	}
	return nil, s.store.Unshare(ctx, viewerOf(ctx), id, user)
}

// ofOwn returns what is wrong with a request about a video of the caller's; of another
// video it says what it says to each request.
func (s *server) ofOwn(ctx context.Context, id uuid.UUID, wrong error) error {
	if _, err := s.store.Shares(ctx, viewerOf(ctx), id); err != nil {
		return err
	}
	return wrong
}

func showShare(s store.Share) wire.Share {
	return wire.Share{UserID: s.User.String(), SharedAt: s.At.UTC()}
}

func shareExample() wire.Share { return showShare(store.Share{User: exampleID, At: exampleAt}) }
