package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyq/internal/fault"
	"heyq/jobs"
	"heyq/store"
	"heyq/wire"
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
		RequestBody:   required(createExamples()),
		DefaultStatus: http.StatusAccepted,
		Responses: map[string]*huma.Response{
			"200": answers("The body is valid (only with dry_run)", wire.ValidAnswer{Valid: true}),
			"202": located(answers("Accepted", queuedExample())),
		},
		Errors: []int{http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusServiceUnavailable},
	}
}

type createInput struct {
	IdempotencyKey string `header:"Idempotency-Key" pattern:"^[ -~]{1,255}$" patternDescription:"1 to 255 printable ASCII characters" doc:"Makes the call safe to repeat for a day" example:"order-4711"`
	DryRun         bool   `query:"dry_run" doc:"Only check the body"`
	JSON           body[wire.NewVideo]
}

// located documents the Location of an answer.
func located(r *huma.Response) *huma.Response {
	r.Headers = map[string]*huma.Param{"Location": {
		Description: "Where to follow the video", Schema: &huma.Schema{Type: huma.TypeString},
	}}
	return r
}

func (s *server) createVideo(ctx context.Context, in *createInput) (*reply, error) {
	if err := count(ctx, "", 1); err != nil {
		return nil, err
	}
	if err := in.JSON.check(); err != nil {
		return nil, err
	}
	video, err := s.prepare(ctx, in.JSON.data)
	if err != nil {
		return nil, err
	}
	if in.DryRun {
		return newReply(http.StatusOK, "", wire.ValidAnswer{Valid: true})
	}
	once := onceOf(ctx, in.IdempotencyKey, "create", in.JSON.data)
	return s.accept(ctx, []store.NewVideo{video}, once, func(rows []store.Video) (*reply, error) {
		return newReply(http.StatusAccepted, "/v1/videos/"+rows[0].ID.String(), show(rows[0]))
	})
}

// prepare makes a video of the caller's out of JSON that text has checked. The error is a
// fault.Invalid that names every wrong field, whether its form is wrong (the
// documentation's business) or its value (jobs').
func (s *server) prepare(ctx context.Context, data []byte) (store.NewVideo, error) {
	fields, err := parse(data)
	if err != nil {
		return store.NewVideo{}, err
	}
	v, misshapen := fill[wire.NewVideo](s.schemas(), fields)
	caller := callerOf(ctx)
	v.UserID = caller.User
	prepared, beyond := s.client.Prepare(jobs.NewVideo(v))
	if beyond == nil && int(v.Priority) > caller.TopPriority() {
		beyond = fault.New(fault.Invalid, "the video is not valid").
			WithField("priority", v.Priority, "is above what the role %s may ask for; give %d at most", caller.Role, caller.TopPriority())
	}
	if misshapen == nil {
		return prepared, beyond
	}
	wrong, ok := errors.AsType[*fault.Error](misshapen)
	if !ok {
		return prepared, misshapen
	}
	addBeyond(wrong, v, beyond)
	return prepared, wrong
}

// addBeyond adds what jobs finds wrong with the readable rest of a video,
// without what only seems wrong because the unreadable fields were left out.
func addBeyond(wrong *fault.Error, v wire.NewVideo, beyond error) {
	limits, ok := errors.AsType[*fault.Error](beyond)
	if !ok {
		return
	}
	told := make([]string, 0, len(wrong.Fields))
	for _, f := range wrong.Fields {
		told = append(told, topName(f.Name))
	}
	sourceless := v.Script == "" && v.AudioURL == "" && v.TemplateID == "" && v.HeyGen == nil
	if sourceless && slices.ContainsFunc(told, isSource) {
		told = append(told, "script") // it is not the source that is missing
	}
	for _, f := range limits.Fields {
		if !slices.Contains(told, topName(f.Name)) {
			_ = wrong.WithField(f.Name, f.Value, "%s", f.Message)
		}
	}
}

func isSource(field string) bool {
	return slices.Contains([]string{"script", "audio_url", "template_id", "heygen"}, field)
}

// createExamples has one for each kind of source.
func createExamples() examples {
	return examples{
		"avatar": {Summary: "An avatar says a script", Value: wire.NewVideo{
			Title:  "Hello Ada",
			Render: wire.Render{Script: "Hello Ada! Welcome aboard.", AvatarID: "avatar_1", VoiceID: "voice_1"},
		}},
		"template": {Summary: "A template with variables, at night", Value: wire.NewVideo{
			Title: "Welcome, Ada", Priority: -5,
			NotBefore: time.Date(2030, 12, 31, 22, 0, 0, 0, time.UTC),
			Metadata:  map[string]string{"customer": "4711"},
			Render:    wire.Render{TemplateID: "template_1", Variables: map[string]any{"name": "Ada", "company": "Analytical Engines"}},
		}},
		"recording": {Summary: "An avatar speaks a recording", Value: wire.NewVideo{
			Title:  "Recorded greeting",
			Render: wire.Render{AudioURL: "https://example.com/greeting.mp3", AvatarID: "avatar_1", Resolution: "1080p", AspectRatio: "9:16"},
		}},
		"heygen": {Summary: "A body of HeyGen's own, passed through", Value: wire.NewVideo{
			Title: "A picture speaks",
			Render: wire.Render{HeyGen: map[string]any{
				"type": "image", "image": map[string]any{"type": "url", "url": "https://example.com/ada.jpg"},
				"script": "Hello!", "voice_id": "voice_1",
			}},
		}},
	}
}
