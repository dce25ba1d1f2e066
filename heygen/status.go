package heygen

// Status is HeyGen's word for where a render stands. The set is open: HeyGen
// uses other words on other endpoints and adds new ones.
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

// Final reports that the render is over. Just two words say so; any other, known
// or not, means that it goes on.
func (s Status) Final() bool { return s == StatusCompleted || s == StatusFailed }

// Known reports whether the word is one of those above. An unknown one is worth
// a warning.
func (s Status) Known() bool {
	switch s {
	case StatusWaiting, StatusPending, StatusQueued, StatusProcessing, StatusGenerating, StatusRunning,
		StatusCompleted, StatusFailed, StatusNotFound:
		return true
	}
	return false
}
