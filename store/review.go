package store

import (
	"github.com/google/uuid"

	"heyq/internal/fault"
)

// Resolution is what a person decides about a video that failed as
// NeedsReview: whether HeyGen renders it is more than heyq can tell.
type Resolution struct {
	Verdict  Verdict
	HeyGenID string // the render to adopt; with Adopt alone
}

// Verdict is a way to end a review.
type Verdict string

// The verdicts.
const (
	Adopt    Verdict = "adopt"    // that render is this video's: go on with it, and pay nothing more
	Resubmit Verdict = "resubmit" // render again, and perhaps pay twice
	GiveUp   Verdict = "give_up"  // leave it failed
)

// GivenUp is the failure code of a video that a person gave up.
const GivenUp = "given_up"

// GivenUpAfter is the failure of a video that is given up, and was failed
// before.
func GivenUpAfter(f *Failure) *Failure {
	return &Failure{Code: GivenUp, Message: "given up in review; before: " + f.Message, Step: f.Step}
}

// UnderReview returns an error unless v waits for a person.
func UnderReview(v Video) error {
	if v.State == Failed && v.Failure != nil && v.Failure.Code == NeedsReview {
		return nil
	}
	e := fault.New(fault.Conflict, "video %s is %s and not under review", v.ID, v.State)
	if v.Failure != nil {
		return e.WithField("failure.code", v.Failure.Code, "is not "+NeedsReview).WithHint("try it again with POST /v1/videos/%s/retry", v.ID)
	}
	return e
}

// ErrAdopted says that a render is another video's.
func ErrAdopted(heygenID string, by uuid.UUID) error {
	return fault.New(fault.Conflict, "the render %s is that of video %s", heygenID, by).
		WithField("adopt", heygenID, "belongs to another video").
		WithHint("look for the title of this video in HeyGen's list; it ends with its own token")
}
