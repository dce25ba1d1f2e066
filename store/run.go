package store

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// Step is what a row needs next, and so which task is sent for it.
type Step string

// The steps of a video. What state needs which step is decided in one place:
// the WHERE of Claim and Begin in store/sql.
const (
	Create   Step = "create"   // queued with a slot, submitting: send it to HeyGen, or search for it there
	Poll     Step = "poll"     // rendering, or ended with a slot still held: ask HeyGen how far it is
	Download Step = "download" // downloading: fetch, check, publish
)

// Steps lists every step, in the order in which a video passes them.
var Steps = []Step{Create, Poll, Download}

// Claim is one dispatch of a video: the pair that a task carries. A claim
// begins at most once, so a task that is delivered twice does nothing the
// second time.
type Claim struct {
	Video uuid.UUID `json:"id"`
	Claim int64     `json:"claim"`

	// Trace is the video's Origin.Trace on the way from the row to the header of
	// its task, and empty everywhere else.
	Trace string `json:"-" db:"-"`
}

// Fence is a running step's right to write. It matches no row any more once
// another run has taken the video, or a person has ended it.
type Fence struct {
	Video uuid.UUID `json:"video"`
	Run   int64     `json:"run"`
	State State     `json:"state"` // as Begin left it
}

// Hint names a video that HeyGen may have news of, by either of its ids; the
// zero value of the other one matches nothing.
type Hint struct {
	HeyGenID string
	Video    uuid.UUID
}

// Run is a step that has begun: the fence, and what the row says that the
// handler needs. It is valid until the lease ends; see Machine.Renew.
type Run struct {
	Fence

	Title       string
	Description string
	Metadata    map[string]string
	Request     json.RawMessage // create and download only
	HeyGenID    string
	Attempt     int // failures in this step so far
	CreatedAt   time.Time
	Origin      Origin

	Submission int // create and download only

	// Create only.
	Refusals        int
	First           bool     // this is the only send that ever held the present key: a refusal is proof
	Search          bool     // do not send; search for an earlier send's video
	Settled         bool     // the last possible send is so old that "not found" is proof
	KeyExpired      bool     // HeyGen may have forgotten the key
	SearchExpired   bool     // HeyGen did not answer for too long
	CancelRequested bool     // as Begin saw it; End looks again
	Refusal         *Failure // answered a resend; not yet believed
	LastAnswer      string   // what came of the last send, if that is not clear

	// Poll and download only.
	Doubts     int           // answers in a row that did not know the render; see DoubtChange
	DoubtedFor time.Duration // since the first of them

	// Download only: where the video's files were, and what they were, if it has
	// completed before and is fetched again.
	MediaPrefix string
	File        *File

	// Poll only.
	RenderingFor time.Duration // since HeyGen accepted it
	PastDeadline bool          // rendering took longer than its cap
	PastWriteOff bool          // and HeyGen is still not final, long after
	Slot         bool
	Hinted       bool // a hint came since the poll before; a guess, for the poll schedule only
}

// Ended is what an End made of the row. A row that the fence did not match is
// absent from the answer: another run has it.
type Ended struct {
	Video uuid.UUID
	State State
	Next  *Claim // the next step is already claimed: send its task
}
