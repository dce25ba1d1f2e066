package store

import "time"

// AdmissionState says whether queued videos are let through to HeyGen.
type AdmissionState string

// The states of admission.
const (
	Open    AdmissionState = "open"
	Paused  AdmissionState = "paused"  // until a time (HeyGen's Retry-After), or by an operator
	Stopped AdmissionState = "stopped" // HeyGen refused the account (401, 402); an operator must resume
)

// Admission is the one gate before every create, shared by all processes.
type Admission struct {
	State  AdmissionState
	Reason string
	Until  time.Time // zero: until somebody resumes it
}

// Pause closes admission as part of an End.
type Pause struct {
	Stop   bool // until an operator resumes it; For is then ignored
	For    time.Duration
	Reason string
}

// OperatorReason is the reason of a pause that a person asked for.
const OperatorReason = "operator"

// QueueReason is the reason of a pause that came with pausing the queue create.
// Resuming the queue ends it, and no other.
const QueueReason = "operator: the queue create is paused"
