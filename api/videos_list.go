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
		Description: "Newest first. A page behind the last one is empty.",
		Responses: map[string]*huma.Response{"200": answers("A page", wire.VideoList{
			Videos: []wire.Video{completedExample().Video}, Pagination: wire.Pagination{Page: 1, PerPage: 50, Total: 1, TotalPages: 1},
		})},
		Errors: []int{http.StatusUnprocessableEntity, http.StatusServiceUnavailable},
	}
}

type listInput struct {
	State   store.State `query:"state" enum:"queued,submitting,rendering,downloading,completed,failed,cancelled" doc:"Only those in this state"`
	Page    int         `query:"page" minimum:"1" maximum:"1000000" default:"1" doc:"From 1"`
	PerPage int         `query:"per_page" minimum:"1" maximum:"1000" default:"50" doc:"Videos a page"`
}

type listOutput struct{ Body wire.VideoList }

func (s *server) listVideos(ctx context.Context, in *listInput) (*listOutput, error) {
	list, total, err := s.store.Videos(ctx, store.Filter{State: in.State}, store.Page{Number: in.Page, Size: in.PerPage})
	if err != nil {
		return nil, err
	}
	shown := make([]wire.Video, len(list))
	for i, v := range list {
		shown[i] = show(v)
	}
	return &listOutput{wire.VideoList{Videos: shown, Pagination: wire.Pagination{
		Page: in.Page, PerPage: in.PerPage,
		Total: total, TotalPages: (total + in.PerPage - 1) / in.PerPage,
	}}}, nil
}
