package store

import "time"

// AdmissionState says whether queued videos are let through to HeyGen.
type AdmissionState string

// The states of admission.
const (
	Open    AdmissionState = "open"
	Paused  AdmissionState = "paused"  // until a time (HeyGen's Retry-After), or by an operator
	Stopped AdmissionState = "stopped" // HeyGen refuses the account, or one video after the other; one is let through now and then
)

// Admission is the one gate before every create, shared by all processes.
type Admission struct {
	State  AdmissionState
	Reason string
	Until  time.Time // zero: until an operator resumes it or, of a stop, HeyGen takes a video again
}

// Pause closes admission for a time, as part of an End.
type Pause struct {
	For    time.Duration
	Reason string
}

// OperatorReason is the reason of a pause that a person asked for.
const OperatorReason = "operator"

// QueueReason is the reason of a pause that came with pausing the queue create.
// Resuming the queue ends it, and no other.
const QueueReason = "operator: the queue create is paused"

// Why admission is paused by itself when an installation does not fit together.
// A person compares with HeyGen's list, and resumes it.
const (
	SetBackReason = "the database was set back: videos that were sent since then are queued in it once more"
	CopiedReason  = "the database is a copy: the one that it was made from may be sending the same videos"
	// SimulatorReason counts the videos.
	SimulatorReason = "the database was used with the simulator, and %d videos of then would now be paid for"
)
