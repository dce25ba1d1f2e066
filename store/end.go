package store

import (
	"time"

	"github.com/google/uuid"
)

// End is one outcome of a run, as changes to its row. The constructors below, and
// those in end_render.go, are the table of all outcomes; handlers use nothing
// else. An implementation applies the fields as written here, under the fence, and
// derives the rest (the JSON names are for its SQL; durations are nanoseconds):
//
//   - every End voids the run: run = claim+1, claim = claim+1 (or +2 with Next)
//   - due_at is NULL exactly if the state is final, no slot is held, and
//     nothing is watched
//   - the failure is kept while the state stays failed, and cleared otherwise
//   - a change of state is added to the timeline; a video that completes for the
//     first time, by this submission, gets its analysis, due now
type End struct {
	Fence

	To         State    `json:"to"`          // the state to be in; Fence.State if it stays
	CancelWins bool     `json:"cancel_wins"` // if a cancel was requested: cancelled instead, and due now
	Failure    *Failure `json:"failure"`

	Due       time.Duration `json:"due"`         // from now
	DueOnHint bool          `json:"due_on_hint"` // due now if a webhook came during the run
	Next      bool          `json:"next"`        // the next step is claimed by this very write; due at redispatch

	FreeSlot    bool `json:"free_slot"`    // proof that HeyGen holds nothing of this row
	TakeSlot    bool `json:"take_slot"`    // HeyGen holds something after all, whether or not a slot is free
	Watch       bool `json:"watch"`        // due though the state is final and no slot is held: HeyGen may know better later
	RenderDead  bool `json:"render_dead"`  // proof that its render will never complete
	RenderAlive bool `json:"render_alive"` // what was taken for that proof was none

	Doubt DoubtChange `json:"doubt"`

	Attempts AttemptChange `json:"attempts"`

	Unsend        bool     `json:"unsend"`         // proof that nothing was created under the present key: sends = 0
	Refused       bool     `json:"refused"`        // the present key holds a refusal: the next send needs another one
	NewSubmission bool     `json:"new_submission"` // the next send is another paid render; not if a cancel wins
	StoreRefusal  *Failure `json:"store_refusal"`
	ForgetRefusal bool     `json:"forget_refusal"`
	LastAnswer    string   `json:"last_answer"` // what came of a create that is not clear; kept while the row stays submitting
	HeyGenID      string   `json:"heygen_id"`   // also starts the render deadline
	ClearHint     bool     `json:"clear_hint"`

	MediaPrefix string `json:"media_prefix"`
	File        *File  `json:"file"`

	// Pause closes admission in the same transaction, and takes back the slots
	// of queued rows. Refusal may do so too, and then changes this outcome: see
	// Streak. Taken says that HeyGen has taken a create that was sent.
	Pause   *Pause   `json:"-"`
	Refusal *Refusal `json:"-"`
	Taken   bool     `json:"-"`

	// Cause is why the step failed, for the log; it changes nothing.
	Cause error `json:"-"`
}

// AttemptChange says what an End does to the counters of the step.
type AttemptChange int

// What an End does to the row's counters of attempts.
const (
	ResetAttempts AttemptChange = iota // the step is done: attempt = lapses = 0
	CountAttempt                       // it failed: attempt+1, lapses = 0
	KeepAttempts                       // not the video's fault: both stay as they are
)

// DoubtChange says what an End does to the doubts about a render: how often in a
// row, and since when, HeyGen has said nothing of it that heyq can go by.
type DoubtChange int

// What an End can do to the doubts.
const (
	KeepDoubts   DoubtChange = iota // not asked, or not answered
	CountDoubt                      // HeyGen does not know the render, or used a word that heyq does not know
	ForgetDoubts                    // HeyGen knows it
)

// stay keeps the row where it is, and due.
func stay(r Run, due time.Duration, attempts AttemptChange) End {
	return End{Fence: r.Fence, To: r.State, Due: due, Attempts: attempts, Watch: r.State.Final()}
}

// Accepted: HeyGen answered the create with an id, or a search found exactly one
// video with our token. The slot stays until HeyGen is final.
func Accepted(r Run, heygenID string, firstLook time.Duration) End {
	return End{
		Fence: r.Fence, To: Rendering, CancelWins: true,
		HeyGenID: heygenID, Due: firstLook, DueOnHint: true, ClearHint: true, ForgetRefusal: true, Taken: !r.Search,
	}
}

// Unclear: a timeout, a 5xx, a cut connection, an unreadable answer. The same
// key is sent again after wait.
func Unclear(r Run, wait time.Duration) End { return stay(r, wait, CountAttempt) }

// InProgress: a create with this very key is still running at HeyGen (409
// request_in_progress; no other 409 says so). The same key is sent again.
func InProgress(r Run, wait time.Duration) End { return stay(r, wait, KeepAttempts) }

// UnreachableCode is the code of a refusal that HeyGen has not given: it gave no
// clear answer, however often it was asked.
const UnreachableCode = "unreachable"

// Unreachable: the attempts are used up and the outcome is still unclear. The
// next Begin searches.
func Unreachable(r Run, wait time.Duration) End {
	end := stay(r, wait, ResetAttempts)
	end.StoreRefusal = &Failure{Code: UnreachableCode, Message: "HeyGen gave no clear answer to the create", Step: Create}
	return end
}

// Throttled is the end of a run that met a 429. Admission pauses for all videos. If
// no other send held the key, nothing was created, and the row is queued again.
func Throttled(r Run, wait time.Duration, reason string) End {
	end := stay(r, wait, KeepAttempts)
	if r.First && !r.Search {
		end = requeued(r, wait)
		end.Refused = true
	}
	end.Pause = &Pause{For: wait, Reason: reason}
	return end
}

// Refused: a definite 4xx. It is believed if this was the only send that
// ever held the key; otherwise it is stored, and the next Begin searches. The video
// fails, unless why turns out to be a cause that it shares with others.
func Refused(r Run, f Failure, wait time.Duration, why *Refusal) End {
	end := stay(r, wait, KeepAttempts)
	if r.First && !r.Search {
		end = End{Fence: r.Fence, To: Failed, CancelWins: true, Failure: &f, FreeSlot: true, Unsend: true}
	} else {
		end.StoreRefusal = &f
	}
	end.Refusal = why
	return end
}

// NotReady: HeyGen refused the create because something that the video is made of
// is not ready yet. The video waits in line, without a slot; its key is used up.
// If an earlier send held the key, the next Begin searches first.
func NotReady(r Run, f Failure, wait time.Duration) End {
	if !r.First || r.Search {
		f.Again = true
		return Refused(r, f, wait, nil)
	}
	end := requeued(r, wait)
	end.Refused, end.Attempts = true, CountAttempt
	return end
}

// NotSent: the guard, a policy (the breaker, the rate limit) or a shutdown kept
// the request from the wire. What is no first send only waits: a search, a poll, a
// download.
func NotSent(r Run, wait time.Duration) End {
	if r.First && !r.Search {
		return requeued(r, wait)
	}
	return stay(r, wait, KeepAttempts)
}

// requeued undoes a Begin: the row gives its slot back and waits in line.
func requeued(r Run, wait time.Duration) End {
	return End{
		Fence: r.Fence, To: Queued, CancelWins: true, Due: wait,
		FreeSlot: true, Unsend: true, Attempts: KeepAttempts,
	}
}

// NotFoundYet: a search found nothing, and the last send is too young for that
// to be proof.
func NotFoundYet(r Run, wait time.Duration) End { return stay(r, wait, KeepAttempts) }

// NotFound: a search found nothing, and that is proof (Run.Settled). The row
// ends as the reason for the search says. With resubmit a row whose key had
// expired is submitted anew instead of being left for review.
func NotFound(r Run, resubmit bool) End {
	end := End{Fence: r.Fence, To: Failed, CancelWins: true, FreeSlot: true}
	switch {
	case r.Refusal != nil && r.Refusal.Again:
		end = requeued(r, 0)
		end.Refused = true
	case r.Refusal != nil:
		end.Failure, end.Unsend = r.refusal(), true
	case r.CancelRequested:
		end.To, end.Unsend = Cancelled, true
	case resubmit:
		end.To, end.Unsend, end.NewSubmission = Queued, true, true
	default:
		end.Failure = needsReview(r.saidLast("HeyGen lists no video with this title token, and the create is too old to be sent again"))
	}
	return end
}

// Ambiguous: a search found several videos with our token, or could not be
// answered for too long. A person has to decide.
func Ambiguous(r Run, why string) End {
	return End{Fence: r.Fence, To: Failed, Failure: needsReview(r.saidLast(why)), FreeSlot: true}
}

// saidLast adds to why what HeyGen said of the create.
func (r Run) saidLast(why string) string {
	switch f := r.refusal(); {
	case f != nil && f.Message != "":
		return why + "; HeyGen said last: " + f.Message
	case r.LastAnswer != "":
		return why + "; the last answer to it: " + r.LastAnswer
	}
	return why
}

// refusal returns the refusal that is stored in the row. If HeyGen gave none
// (UnreachableCode), its message also says what came of the last send, as
// LastAnswer has it.
func (r Run) refusal() *Failure {
	if r.Refusal == nil || r.Refusal.Code != UnreachableCode || r.LastAnswer == "" {
		return r.Refusal
	}
	f := *r.Refusal
	f.Message += "; the last time: " + r.LastAnswer
	return &f
}

// NeedsReview is the failure code of what a person has to decide about: at Create
// the outcome is not known, at Download the file is not as promised.
const NeedsReview = "needs_review"

func needsReview(why string) *Failure {
	return &Failure{Code: NeedsReview, Message: why, Step: Create}
}

// GaveUp: the attempts of the step are used up. A slot that is held stays held
// and watched, every wait. A video that had ended before keeps its end: only
// the watch of its slot has failed.
func GaveUp(r Run, f Failure, wait time.Duration) End {
	if r.State.Final() {
		return stay(r, wait, ResetAttempts)
	}
	return End{Fence: r.Fence, To: Failed, Failure: &f, Due: wait}
}

// HandedBack: the worker shuts down. Another worker may begin at once.
func HandedBack(r Run) End { return stay(r, 0, KeepAttempts) }

// Presumed is what the row came to if e was written and only the answer was
// lost. The state is left out: a cancel may have taken its place. The next claim
// is right unless the row was claimed during the run, and a task for a claim
// that does not exist begins nothing.
func (e End) Presumed() Ended {
	ended := Ended{Video: e.Video}
	if e.Next {
		ended.Next = &Claim{Video: e.Video, Claim: e.Run + 2}
	}
	return ended
}

// PauseOf returns the longest of the pauses of those that ended. nil: none of
// them pauses.
func PauseOf(ends []End, ended []Ended) *Pause {
	wrote := make(map[uuid.UUID]bool, len(ended))
	for _, e := range ended {
		wrote[e.Video] = true
	}
	var pause *Pause
	for _, e := range ends {
		if e.Pause != nil && wrote[e.Video] && (pause == nil || e.Pause.For > pause.For) {
			pause = e.Pause
		}
	}
	return pause
}

// Next returns the claims of the steps that follow at once.
func Next(ended []Ended) []Claim {
	var claims []Claim
	for _, e := range ended {
		if e.Next != nil {
			claims = append(claims, *e.Next)
		}
	}
	return claims
}

// IDs returns the videos of claims.
func IDs(claims []Claim) []uuid.UUID {
	ids := make([]uuid.UUID, len(claims))
	for i, c := range claims {
		ids[i] = c.Video
	}
	return ids
}
