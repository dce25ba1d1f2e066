package store

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// State is where a video stands.
type State string

// The states, in the order in which a video passes them. Failed and Cancelled
// stand beside the line.
const (
	Queued      State = "queued"      // waits for its time, for admission and for a render slot
	Submitting  State = "submitting"  // a create may have been sent; what came of it is not known yet
	Rendering   State = "rendering"   // HeyGen accepted it; HeyGenID is known
	Downloading State = "downloading" // HeyGen finished it; the file is on its way
	Completed   State = "completed"   // the file is checked and published
	Failed      State = "failed"      // ended with a reason; see Failure
	Cancelled   State = "cancelled"   // ended because a person asked for it
)

// States lists every state, in the order in which a video passes them.
var States = []State{Queued, Submitting, Rendering, Downloading, Completed, Failed, Cancelled}

// Final reports whether a video in this state is at its end. A final video can
// still hold a render slot until HeyGen is known to have let go of it.
func (s State) Final() bool { return s == Completed || s == Failed || s == Cancelled }

// DefaultUser owns every video until users and their keys come.
const DefaultUser = "default"

// Video is a row as people see it. The columns that run the machine stay
// inside the store; Run is the part of them that a handler needs.
type Video struct {
	ID          uuid.UUID
	UserID      string
	State       State
	Title       string
	Description string
	Priority    int
	NotBefore   time.Time         // zero: at once
	Metadata    map[string]string // the caller's own, given back as it came
	NotifyURL   string            // the receiver of its end; empty: none
	Origin      Origin
	Request     json.RawMessage // what to render; jobs knows its shape
	HeyGenID    string          // empty until HeyGen accepted it
	Submission  int             // which paid render this is; 2 after an explicit new one
	MayBeBilled bool            // a create was sent, and HeyGen did not cleanly refuse it
	Resumable   bool            // HeyGen has a render that is not known to be dead or deleted: a retry pays nothing
	LastAnswer  string          // in Submitting: what HeyGen answered last that is not clear, or why it did not answer
	Failure     *Failure        // set in Failed
	MediaPrefix string          // where its files are; set in Completed, until they are removed, in a review of the file, and while it is fetched again
	File        *File           // set if MediaPrefix was
	Timeline    []Event         // every state it was in, in order
	CreatedAt   time.Time
	CompletedAt time.Time // of the first time; zero if it never was, by the present submission

	FilesRemovedAt time.Time // when retention removed its files; zero: it has not
}

// Failure is why a video failed. Code and Message are HeyGen's own if
// HeyGen is the reason.
type Failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Step    Step   `json:"step"`

	// Again says of a stored refusal that it is not the video's own: once it is
	// known that nothing was created, the video waits in line again.
	Again bool `json:"again,omitempty"`
}

// File is what is known of a completed video's file: all but Promised was measured
// on the file itself.
type File struct {
	Bytes      int64         `json:"bytes"`
	SHA256     string        `json:"sha256"` // hex
	Duration   time.Duration `json:"duration"`
	Width      int           `json:"width"`
	Height     int           `json:"height"`
	VideoCodec string        `json:"video_codec,omitempty"`
	AudioCodec string        `json:"audio_codec,omitempty"`
	BitRate    int           `json:"bit_rate,omitempty"` // bits per second
	Thumbnail  bool          `json:"thumbnail,omitempty"`
	Captions   bool          `json:"captions,omitempty"`

	Promised time.Duration `json:"promised,omitempty"` // what HeyGen says that it lasts, and bills; 0: HeyGen did not say
}

// Billed is the duration that HeyGen bills: its own, and the file's if HeyGen gave
// none.
func (f File) Billed() time.Duration {
	if f.Promised > 0 {
		return f.Promised
	}
	return f.Duration
}

// Event is one change of state.
type Event struct {
	State State     `json:"state"`
	At    time.Time `json:"at"`
}

// NewVideo is a video to be created. It must have been validated: the store
// checks nothing but its own constraints.
type NewVideo struct {
	ID          uuid.UUID // version 7, so that ids sort by creation
	UserID      string
	Title       string
	Description string
	Priority    int
	NotBefore   time.Time
	Metadata    map[string]string
	NotifyURL   string
	Origin      Origin
	Request     json.RawMessage

	// Key makes the video at most once: the first under a user's key is remembered
	// for VideoKeyLife, and is what every later one comes to. Empty: no key.
	Key string
	Sum [32]byte // of what is asked for; another one under the same key is a conflict
}

// Creation is a list of videos that are created together or not at all.
type Creation struct {
	Videos []NewVideo
	// Once makes the creation idempotent; nil: it always creates.
	Once *Once
}

// How long keys are remembered at least: promised are a day and a week.
const (
	KeyLife      = 48 * time.Hour
	VideoKeyLife = 8 * 24 * time.Hour
)

// Once ties a creation to a caller's idempotency key. Within a user, the first
// creation under a key is remembered for KeyLife and answers every later one.
type Once struct {
	UserID string
	Key    string
	Sum    [32]byte // of the request; another one under the same key is a conflict
	// Answer builds what is remembered from the rows as created, within the
	// same transaction.
	Answer func([]Video) ([]byte, error)
}

// Created is the outcome of a creation.
type Created struct {
	// Videos are as they were inserted, in the order in which they were asked for;
	// nil on a replay. One that its key had made before is that one as it is now;
	// of one that was removed since there is only the ID.
	Videos   []Video
	Answer   []byte // what Once.Answer built, now or the first time
	Replayed bool   // the key had been used before: nothing was created
}

// MostCounted is how much of a listing is counted, so that no count reads a whole table.
const MostCounted = 10_000

// Filter narrows a listing. The zero value lists everything.
type Filter struct {
	UserID string
	State  State
	Behind uuid.UUID // only those that follow this one in the listing; Nil: from the beginning
}

// Page is a page of a listing; both count from 1.
type Page struct {
	Number int
	Size   int
}

// Retry says what trying a video again may do.
type Retry struct {
	// NewRender allows a second paid render if the first may have been billed.
	NewRender bool
}
