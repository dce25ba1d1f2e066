package store

import (
	"regexp"

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

var heygenID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,100}$`)

// Validate returns a fault.Invalid that says what is wrong with the decision.
func (r Resolution) Validate() error {
	switch {
	case r.Verdict == Adopt && !heygenID.MatchString(r.HeyGenID):
		return fault.New(fault.Invalid, "the render to adopt is not named").
			WithField("heygen_id", r.HeyGenID, "must be HeyGen's id of the render: 1 to 100 letters, digits, _ and -").
			WithHint("HeyGen shows it in the address of the video's page")
	case r.Verdict != Adopt && r.Verdict != Resubmit && r.Verdict != GiveUp:
		return fault.New(fault.Invalid, "the decision is not known").
			WithField("verdict", string(r.Verdict), "must be adopt, resubmit or give_up")
	case r.Verdict != Adopt && r.HeyGenID != "":
		return fault.New(fault.Invalid, "a render is named, and nothing is adopted").
			WithField("heygen_id", r.HeyGenID, "goes with the verdict adopt alone")
	}
	return nil
}

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
		WithField("heygen_id", heygenID, "belongs to another video").
		WithHint("look for the title of this video in HeyGen's list; it ends with its own token")
}
