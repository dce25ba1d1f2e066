package store

import (
	"regexp"
	"slices"

	"github.com/google/uuid"

	"heyq/internal/fault"
)

// Resolution is what a person decides about a video that failed as NeedsReview. At
// Create it is whether HeyGen renders it, which heyq cannot tell; at Download, whether its
// file is good enough.
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
	Accept   Verdict = "accept"   // the file will do: the video is completed
	Reject   Verdict = "reject"   // it will not, and its render is of no use: another one is paid
)

// verdicts are those that end a review, by the step that it is about.
var verdicts = map[Step][]Verdict{Create: {Adopt, Resubmit, GiveUp}, Download: {Accept, Reject}}

var heygenID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,100}$`)

// Validate returns a fault.Invalid that says what is wrong with the decision.
func (r Resolution) Validate() error {
	switch {
	case r.Verdict == Adopt && !heygenID.MatchString(r.HeyGenID):
		return fault.New(fault.Invalid, "the render to adopt is not named").
			WithField("heygen_id", r.HeyGenID, "must be HeyGen's id of the render: 1 to 100 letters, digits, _ and -").
			WithHint("HeyGen shows it in the address of the video's page")
	case !slices.Contains(slices.Concat(verdicts[Create], verdicts[Download]), r.Verdict):
		return fault.New(fault.Invalid, "the decision is not known").
			WithField("verdict", string(r.Verdict), "must be adopt, resubmit, give_up, accept or reject")
	case r.Verdict != Adopt && r.HeyGenID != "":
		return fault.New(fault.Invalid, "a render is named, and nothing is adopted").
			WithField("heygen_id", r.HeyGenID, "goes with the verdict adopt alone")
	}
	return nil
}

// InReview reports whether a person has to decide about v.
func (v Video) InReview() bool {
	return v.State == Failed && v.Failure != nil && v.Failure.Code == NeedsReview
}

// GivenUp is the failure code of a video that a person gave up.
const GivenUp = "given_up"

// GivenUpAfter is the failure of a video that is given up, and was failed
// before.
func GivenUpAfter(f *Failure) *Failure {
	return &Failure{Code: GivenUp, Message: "given up in review; before: " + f.Message, Step: f.Step}
}

// Rejected is the failure code of a video whose file a person rejected.
const Rejected = "rejected"

// RejectedAfter is the failure of a video that is rejected, and was failed before.
func RejectedAfter(f *Failure) *Failure {
	return &Failure{Code: Rejected, Message: "rejected in review; before: " + f.Message, Step: f.Step}
}

// UnderReview returns an error unless v waits for a person to decide so.
func UnderReview(v Video, verdict Verdict) error {
	if v.InReview() {
		fitting := verdicts[v.Failure.Step]
		if slices.Contains(fitting, verdict) {
			return nil
		}
		return fault.New(fault.Conflict, "video %s is under review for its %s, which %s does not decide", v.ID, v.Failure.Step, verdict).
			WithField("verdict", string(verdict), "must be one of %q", fitting)
	}
	e := fault.New(fault.Conflict, "video %s is %s and not under review", v.ID, v.State)
	if v.Failure != nil {
		return e.WithField("failure.code", v.Failure.Code, "is not "+NeedsReview).WithAdvice(fault.RetryVideo, v.ID.String())
	}
	return e
}

// ErrAdopted says that a render is another video's.
func ErrAdopted(heygenID string, by uuid.UUID) error {
	return fault.New(fault.Conflict, "the render %s is that of video %s", heygenID, by).
		WithField("heygen_id", heygenID, "belongs to another video").
		WithHint("look for the title of this video in HeyGen's list; it begins with its own token")
}
