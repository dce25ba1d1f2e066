package jobs

// Scheduled is the payload of a scheduled job. It carries nothing: each job
// goes on from where its last run stopped, which the store remembers.
type Scheduled struct{}

// Validate accepts every payload.
func (Scheduled) Validate() error { return nil }
