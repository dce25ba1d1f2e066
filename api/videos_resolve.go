package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/store"
	"heyq/wire"
)

// Renders asks HeyGen about renders.
type Renders interface {
	// Render returns a render as HeyGen tells it, a fault.NotFound if HeyGen does not
	// know it, and a fault.Unavailable if HeyGen could not be asked.
	Render(ctx context.Context, heygenID string) (wire.HeyGenRender, error)
}

func resolveOp() huma.Operation {
	return huma.Operation{
		OperationID: "resolve-video",
		Tags:        []string{videosTag},
		Summary:     "Resolve a review",
		Description: "Ends the review of a video that failed as `needs_review`. Its failure's `step` says what the review is about.\n\n" +
			"`create`: whether HeyGen accepted it is more than heyq can tell. " +
			"Look for its title in HeyGen's list, and say what is to be done. `adopt` goes on with the render in `heygen_id`, and pays nothing more. " +
			"`resubmit` renders again, and perhaps pays twice. `give_up` leaves it failed.\n\n" +
			"`download`: the film came, and is not as promised, each time that it was fetched. Look at it (`/file`). `accept` completes the video with it. " +
			"`reject` leaves it failed and removes the file; another render is then a retry that pays again. A retry before that fetches it once more, and pays nothing.\n\n" +
			"A verdict for the other kind of review, and any other video, is a 409.",
		MaxBodyBytes: maxBody,
		RequestBody: required(examples{
			"adopt":    {Summary: "HeyGen has this render of it", Value: wire.ResolveRequest{Verdict: store.Adopt, HeyGenID: renderExampleID}},
			"resubmit": {Summary: "Render again, whatever it costs", Value: wire.ResolveRequest{Verdict: store.Resubmit}},
			"give_up":  {Summary: "Leave it failed", Value: wire.ResolveRequest{Verdict: store.GiveUp}},
			"accept":   {Summary: "The film will do", Value: wire.ResolveRequest{Verdict: store.Accept}},
			"reject":   {Summary: "The film is of no use", Value: wire.ResolveRequest{Verdict: store.Reject}},
		}),
		DefaultStatus: http.StatusAccepted,
		Responses:     map[string]*huma.Response{"202": answers("Resolved", resolveExample())},
		Errors: []int{
			http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge,
			http.StatusUnprocessableEntity, http.StatusServiceUnavailable,
		},
	}
}

type resolveInput struct {
	ID   string `path:"id" doc:"The video's id, a UUID"`
	JSON body[wire.ResolveRequest]
}

func (s *server) resolveVideo(ctx context.Context, in *resolveInput) (*changedOutput, error) {
	before, err := s.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	request, err := in.JSON.read(s.schemas())
	if err != nil {
		return nil, err
	}
	r := store.Resolution(request)
	if err := store.UnderReview(before, r.Verdict); err != nil {
		return nil, err
	}
	if err := r.Validate(); err != nil {
		return nil, err
	}
	if err := s.checkRender(ctx, before.ID, r); err != nil {
		return nil, err
	}
	v, err := s.client.Resolve(ctx, viewerOf(ctx), before.ID, r)
	if err != nil {
		return nil, err
	}
	return &changedOutput{http.StatusAccepted, showChangedVideo(v, resolved(r, v))}, nil
}

// checkRender asks HeyGen before a render is adopted: a mistyped id would be
// noticed minutes later, as a render that failed.
func (s *server) checkRender(ctx context.Context, id uuid.UUID, r store.Resolution) error {
	if r.Verdict != store.Adopt {
		return nil
	}
	render, err := s.renders.Render(ctx, r.HeyGenID)
	if fault.CodeOf(err) == fault.NotFound {
		return fault.Wrap(err, fault.Invalid, "HeyGen knows no render %s", r.HeyGenID).
			WithField("heygen_id", r.HeyGenID, "is not known to HeyGen").
			WithHint("HeyGen shows the id in the address of the video's page")
	}
	if err != nil {
		return err
	}
	// heyq begins every title with a token that names the video.
	if strings.Contains(render.Title, "[heyq ") && !strings.Contains(render.Title, id.String()) {
		return fault.New(fault.Conflict, "the render %s was made for another video", r.HeyGenID).
			WithField("heygen_id", r.HeyGenID, "has the title %q", render.Title)
	}
	return nil
}

// resolved says what a resolution made of a video.
func resolved(r store.Resolution, v store.Video) string {
	switch r.Verdict {
	case store.Adopt:
		return "going on with HeyGen's render " + v.HeyGenID + "; nothing more is paid"
	case store.Resubmit:
		return fmt.Sprintf("queued as a new paid render (submission %d); the earlier one may have been billed as well", v.Submission)
	case store.Accept:
		return "completed with the file as it is"
	case store.Reject:
		return "failed; a retry renders again and pays again"
	default:
		return "given up; what HeyGen may have rendered may be billed"
	}
}

const renderExampleID = "3f2a9c41d07e4b6c8a5b1e9d2c7f6a08"

func resolveExample() wire.ChangedVideo {
	v, id := queuedExample(), renderExampleID
	v.State, v.HeyGenID = store.Rendering, &id
	return wire.ChangedVideo{Video: v, Message: resolved(store.Resolution{Verdict: store.Adopt}, store.Video{HeyGenID: id})}
}
