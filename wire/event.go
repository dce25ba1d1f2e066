package wire

import (
	"time"

	"heyq/store"
)

// VideoEvent is what a stream of events tells of a video.
type VideoEvent struct {
	VideoID string      `json:"video_id" format:"uuid" example:"0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e"`
	State   store.State `json:"state" enum:"queued,submitting,rendering,downloading,completed,failed,cancelled" example:"rendering"`
	At      time.Time   `json:"at" doc:"When it came to this state"`
	Outlook

	// EventID is the place in the stream after which a reader goes on; empty: the event
	// has none, as only the outlook is new.
	EventID string `json:"-"`
	// Missed says that what happened before this event may not have been told. Such an
	// event is about no video if VideoID is empty.
	Missed bool `json:"-"`
}

// Outlook is how far a video has come, and when it will be there.
type Outlook struct {
	Progress *int `json:"progress" minimum:"0" maximum:"100" doc:"Percent of the time from its beginning to its end that is over, by what videos took lately. It may fall if others go first. 100: it is completed; null: it ended otherwise"`
	ETA      *ETA `json:"eta" doc:"When it will be completed: of a queued video by how long videos waited in the queue lately, and not by how many are before it now. null: nothing is known that would tell, or it has ended"`
}

// ETA is a guess when a video will be completed.
type ETA struct {
	At   time.Time `json:"at" doc:"As many videos came sooner as later"`
	Low  time.Time `json:"low" doc:"One video in ten came sooner"`
	High time.Time `json:"high" doc:"One video in ten came later"`
}
