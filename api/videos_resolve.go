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
)

// Renders asks HeyGen about a render that somebody names.
type Renders interface {
	// Title returns the render's title, a fault.NotFound where HeyGen does not
	// know it, and a fault.Unavailable where HeyGen could not be asked.
	Title(ctx context.Context, heygenID string) (string, error)
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
		MaxBodyBytes:  maxBody,
		RequestBody:   bodyOf[ResolveRequest](true, resolveExamples()),
		DefaultStatus: http.StatusAccepted,
		Responses:     map[string]*huma.Response{"202": answerOf("Resolved", resolveExample())},
		Errors: []int{
			http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge,
			http.StatusUnprocessableEntity, http.StatusServiceUnavailable,
		},
	}
}

// ResolveRequest is what a person decided.
type ResolveRequest struct {
	Verdict  string `json:"verdict" enum:"adopt,resubmit,give_up,accept,reject" doc:"What is to be done"`
	HeyGenID string `json:"heygen_id,omitempty" doc:"HeyGen's id of the render to adopt; with adopt alone"`
}

func (s *server) resolveVideo(ctx context.Context, in *retryInput) (*changedOutput, error) {
	before, err := s.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	parsed, err := in.JSON.parse()
	if err != nil {
		return nil, err
	}
	var request ResolveRequest
	if err := s.verdict.decode(parsed, &request); err != nil {
		return nil, err
	}
	if err := store.UnderReview(before, store.Verdict(request.Verdict)); err != nil {
		return nil, err
	}
	r := store.Resolution{Verdict: store.Verdict(request.Verdict), HeyGenID: request.HeyGenID}
	if err := r.Validate(); err != nil {
		return nil, err
	}
	if err := s.checkRender(ctx, before.ID, r); err != nil {
		return nil, err
	}
	v, err := s.client.Resolve(ctx, before.ID, r)
	if err != nil {
		return nil, err
	}
	return &changedOutput{http.StatusAccepted, ChangedVideo{show(v), resolved(r, v)}}, nil
}

// checkRender asks HeyGen before a render is adopted: a mistyped id would be
// noticed minutes later, as a render that failed.
func (s *server) checkRender(ctx context.Context, id uuid.UUID, r store.Resolution) error {
	if r.Verdict != store.Adopt {
		return nil
	}
	title, err := s.renders.Title(ctx, r.HeyGenID)
	if fault.CodeOf(err) == fault.NotFound {
		return fault.Wrap(err, fault.Invalid, "HeyGen knows no render %s", r.HeyGenID).
			WithField("heygen_id", r.HeyGenID, "is not known to HeyGen").
			WithHint("HeyGen shows the id in the address of the video's page")
	}
	if err != nil {
		return err
	}
	// heyq begins every title with a token that names the video.
	if strings.Contains(title, "[heyq ") && !strings.Contains(title, id.String()) {
		return fault.New(fault.Conflict, "the render %s was made for another video", r.HeyGenID).
			WithField("heygen_id", r.HeyGenID, "has the title %q", title)
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
