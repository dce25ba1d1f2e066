package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyq/internal/fault"
	"heyq/jobs"
	"heyq/store"
)

func linkOp() huma.Operation {
	return huma.Operation{
		OperationID: "get-linked-file",
		Tags:        []string{filesTag},
		Summary:     "Download what a link leads to",
		Description: "The video, its thumbnail or its captions, as a notification links to them: without a key, for seven days. " +
			"It is the present file of the video: if it was rendered again, the new one. 404 if the link is wrong or has expired, or while there is no file. " +
			"410 where it is kept no longer, or was lost.",
		Responses: map[string]*huma.Response{
			"200": bytesOf("The whole file", "application/octet-stream"),
			"206": bytesOf("The range that was asked for", "application/octet-stream"),
			"304": {Description: "Not modified"},
			"416": {Description: "No such range"},
		},
		Errors: []int{http.StatusNotFound, http.StatusGone, http.StatusServiceUnavailable},
	}
}

type linkInput struct {
	ID        string `path:"id" doc:"The video's id, a UUID"`
	File      string `path:"file" doc:"file, thumbnail or captions" example:"file"`
	Expires   string `path:"expires" doc:"Until when it works, in seconds since 1970" example:"1924938482"`
	Signature string `path:"signature" doc:"What only this heyq can make of the rest"`
}

func (s *server) linkedFile(ctx context.Context, in *linkInput) (*fileOutput, error) {
	id, err := idOf(in.ID)
	if err != nil || !s.links.Valid(id, in.File, in.Expires, in.Signature, s.now()) {
		return nil, fault.New(fault.NotFound, "there is no such link, or it has expired").
			WithHint("have the notification delivered again, which brings another one")
	}
	v, err := s.store.Video(ctx, store.Everyone(), id)
	if err != nil {
		return nil, err
	}
	if v.InReview() { // not what was told of
		return nil, fault.New(fault.NotFound, "video %s has no file: it is %s", v.ID, v.State)
	}
	if err := finished(v); err != nil {
		return nil, err
	}
	switch in.File {
	case jobs.FileLink:
		return s.serveVideo(ctx, v)
	case jobs.ThumbnailLink:
		return s.serveThumbnail(ctx, v)
	}
	return s.serveCaptions(ctx, v)
}
