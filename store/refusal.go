package store

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Refusal is a refusal of HeyGen's as the gate sees it: one of the account closes
// the gate, as do MostEqual equal ones of different videos in a row. A row that
// met it waits in line again instead of failing.
type Refusal struct {
	Kind    string        // what equal refusals have in common
	Reason  string        // HeyGen's words
	Account bool          // it is about the account, whatever the video
	Proof   Proof         // what shows that it is over
	Wait    time.Duration // until the row may be sent again, if the gate is open
	Last    bool          // the row has been sent again often enough
}

// Proof is what opens a gate that a refusal has closed.
type Proof string

// The proofs, of the creates that were sent after the gate had closed.
const (
	ProofSend   Proof = "send"   // HeyGen takes a first send: a resend may be answered from memory
	ProofAnswer Proof = "answer" // HeyGen takes any send: what stood before HeyGen lets it through
	ProofRender Proof = "render" // HeyGen takes one, and completes its render
)

// MostEqual is how many equal refusals in a row close the gate.
const MostEqual = 5

// A gate that is stopped lets one video through after ProbeWait. While that one
// is refused as well, the next one follows after twice the time, but not after
// more than MostProbeWait.
const (
	ProbeWait     = 30 * time.Second
	MostProbeWait = 10 * time.Minute
)

// Streak is what the gate remembers of refusals. It is kept with the gate, for
// all processes.
type Streak struct {
	Kind   string      `json:"kind,omitempty"`   // of the last refusals, which are equal
	Videos []uuid.UUID `json:"videos,omitempty"` // that met them, up to MostEqual
	Closed string      `json:"closed,omitempty"` // the kind that keeps the gate closed
	Passed string      `json:"passed,omitempty"` // the kind that did so until another video got through
}

// Judge goes through outcomes in the order in which they came. It returns them as
// they are to be written, and the refusal that closes the gate: nil if none does.
//
// A kind that has kept the gate closed until another video got through is a
// matter of videos after all, and has to come MostEqual times in a row from then
// on. So one video that asks for more than the account has left cannot close the
// gate again and again.
func (s *Streak) Judge(ends []End) (judged []End, closes *Refusal) {
	judged = slices.Clone(ends)
	for i, e := range judged {
		switch {
		case e.Taken:
			s.Kind, s.Videos = "", nil
		case e.Refusal != nil:
			if s.count(e) {
				closes, s.Closed = e.Refusal.whole(), e.Refusal.Kind
			}
			judged[i] = s.spare(e)
		}
	}
	return judged, closes
}

// whole is r with a reason that says why the gate is closed.
func (r Refusal) whole() *Refusal {
	if !r.Account {
		r.Reason = fmt.Sprintf("%d videos in a row met the same: %s", MostEqual, r.Reason)
	}
	return &r
}

// count adds a refusal and reports whether the gate is to be closed.
func (s *Streak) count(e End) bool {
	r := e.Refusal
	if s.Kind != r.Kind {
		s.Kind, s.Videos = r.Kind, nil
	}
	if len(s.Videos) < MostEqual && !slices.Contains(s.Videos, e.Video) {
		s.Videos = append(s.Videos, e.Video)
	}
	return len(s.Videos) == MostEqual || r.Account && (s.Passed != r.Kind || r.Proof == ProofRender)
}

// spare keeps a row from failing of what is not its own cause.
func (s *Streak) spare(e End) End {
	r := e.Refusal
	closed := s.Closed == r.Kind
	if e.State != Submitting || !closed && (!r.Account || r.Last) {
		return e
	}
	switch {
	case e.To == Failed:
		e = End{
			Fence: e.Fence, To: Queued, CancelWins: true, Due: r.Wait,
			FreeSlot: true, Unsend: true, Refused: true, Attempts: KeepAttempts, Refusal: r, Cause: e.Cause,
		}
	case r.Proof == ProofAnswer && closed: // it is not known whether HeyGen was asked: the key is sent again
		e.StoreRefusal, e.Attempts, e.Due = nil, KeepAttempts, max(e.Due, ProbeWait)
	case e.StoreRefusal != nil:
		f := *e.StoreRefusal
		f.Again = true
		e.StoreRefusal = &f
	}
	return e
}
