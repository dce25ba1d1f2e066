package heygen

import (
	"slices"
	"strings"
)

// Status is HeyGen's word for where a render stands, in lower case. The set is
// open: HeyGen uses other words on other endpoints and adds new ones.
type Status string

// The words seen so far.
const (
	StatusWaiting    Status = "waiting"    // the answer to a create
	StatusPending    Status = "pending"    //
	StatusQueued     Status = "queued"     // the bulk endpoint's word for pending
	StatusProcessing Status = "processing" //
	StatusGenerating Status = "generating" // the quick start's word for processing
	StatusRunning    Status = "running"    // the translations' word for processing
	StatusCompleted  Status = "completed"
	StatusFailed     Status = "failed"
	StatusNotFound   Status = "not_found" // the bulk endpoint alone: deleted, or not ours
)

// dead are the words for a render that is over and gives no video: failed, those
// of HeyGen's other endpoints, and their spellings.
var dead = []Status{StatusFailed, "cancelled", "canceled", "expired", "rejected", "deleted"}

// UnmarshalText reads a word in whatever case HeyGen writes it.
func (s *Status) UnmarshalText(word []byte) error {
	*s = Status(strings.ToLower(strings.TrimSpace(string(word))))
	return nil
}

// Dead reports that the render is over and gives no video.
func (s Status) Dead() bool { return slices.Contains(dead, s) }

// Final reports that the render is over. Any other word, known or not, says that
// it goes on, or that HeyGen does not know it.
func (s Status) Final() bool { return s == StatusCompleted || s.Dead() }

// Known reports whether the word is one of those above. An unknown one is worth
// a warning.
func (s Status) Known() bool {
	switch s {
	case StatusWaiting, StatusPending, StatusQueued, StatusProcessing, StatusGenerating, StatusRunning, StatusNotFound:
		return true
	}
	return s.Final()
}
