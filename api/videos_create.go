package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyq/jobs"
	"heyq/store"
)

func createOp() huma.Operation {
	return huma.Operation{
		OperationID: "create-video",
		Tags:        []string{videosTag},
		Summary:     "Create a video",
		Description: "Accepts a video for rendering and answers at once; `Location` is where to follow it. " +
			"Give exactly one source: `script` or `audio_url` (each with `avatar_id`), `template_id`, or `heygen`.\n\n" +
			"With an `Idempotency-Key` the call may be repeated safely: the same key gives the first answer again, byte for byte, " +
			"and makes nothing new. Another body under the key is a 409.\n\n" +
			"With `?dry_run=true` the body is only checked: 200 and `{\"valid\": true}`, or the same 422 as ever; nothing is created and no key is used up.",
		MaxBodyBytes:  maxBody,
		RequestBody:   bodyOf[jobs.NewVideo](true, createExamples()),
		DefaultStatus: http.StatusAccepted,
		Responses: map[string]*huma.Response{
			"200": answerOf("The body is valid (only with dry_run)", Verdict{Valid: true}),
			"202": located(answerOf("Accepted", queuedExample())),
		},
		Errors: []int{http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusServiceUnavailable},
	}
}

type createInput struct {
	IdempotencyKey string `header:"Idempotency-Key" pattern:"^[ -~]{1,255}$" patternDescription:"1 to 255 printable ASCII characters" doc:"Makes the call safe to repeat for a day" example:"order-4711"`
	DryRun         bool   `query:"dry_run" doc:"Only check the body"`
	JSON           payload
}

// Verdict is the answer to a dry run of a body that is valid.
type Verdict struct {
	Valid bool `json:"valid" example:"true"`
}

// located documents the Location of an answer.
func located(r *huma.Response) *huma.Response {
	r.Headers = map[string]*huma.Param{"Location": {
		Description: "Where to follow the video", Schema: &huma.Schema{Type: huma.TypeString},
	}}
	return r
}

func (s *server) createVideo(ctx context.Context, in *createInput) (*reply, error) {
	parsed, err := in.JSON.parse()
	if err != nil {
		return nil, err
	}
	video, err := s.prepare(parsed)
	if err != nil {
		return nil, err
	}
	if in.DryRun {
		return newReply(http.StatusOK, "", Verdict{Valid: true})
	}
	once := onceOf(in.IdempotencyKey, "create", in.JSON.data)
	return s.accept(ctx, []store.NewVideo{video}, once, func(rows []store.Video) (*reply, error) {
		return newReply(http.StatusAccepted, "/v1/videos/"+rows[0].ID.String(), show(rows[0]))
	})
}
