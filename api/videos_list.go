package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyq/store"
	"heyq/wire"
)

func listOp() huma.Operation {
	return huma.Operation{
		OperationID: "list-videos",
		Tags:        []string{videosTag},
		Summary:     "List videos",
		Description: "Newest first. " + pagesInWords,
		Responses: map[string]*huma.Response{"200": answers("A page", wire.VideoList{
			Videos: []wire.Video{completedExample().Video}, Pagination: wire.Pagination{Page: 1, PerPage: 50, Total: 1, TotalPages: 1},
		})},
		Errors: []int{http.StatusUnprocessableEntity, http.StatusServiceUnavailable},
	}
}

type listInput struct {
	State  store.State `query:"state" enum:"queued,submitting,rendering,downloading,completed,failed,cancelled" doc:"Only those in this state"`
	UserID string      `query:"user_id" maxLength:"200" doc:"Only those of this user"`
	Paging
}

const videoList = "videos"

type listOutput struct{ Body wire.VideoList }

func (s *server) listVideos(ctx context.Context, in *listInput) (*listOutput, error) {
	after, err := behind(videoList, in.Cursor)
	if err != nil {
		return nil, err
	}
	list, total, err := s.store.Videos(ctx, viewerOf(ctx), store.Filter{State: in.State, UserID: in.UserID, Behind: after}, in.page())
	if err != nil {
		return nil, err
	}
	shown, last := make([]wire.Video, len(list)), ""
	for i, v := range list {
		shown[i], last = show(v), v.ID.String()
	}
	return &listOutput{wire.VideoList{Videos: shown, Pagination: in.pagination(videoList, len(list), total, last)}}, nil
}
