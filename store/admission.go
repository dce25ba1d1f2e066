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
