package store

import (
	"time"

	"github.com/google/uuid"
)

// NotificationState is where a notification stands.
type NotificationState string

// The states of a notification.
const (
	NotificationPending   NotificationState = "pending"   // not delivered yet
	NotificationDelivered NotificationState = "delivered" // its receiver said so, with a 2xx
	NotificationFailed    NotificationState = "failed"    // given up; it can be delivered again by hand
)

// The bounds of a notification.
const (
	// NotificationLife is how long it is tried, from the event or from the last
	// redelivery.
	NotificationLife = 24 * time.Hour
	// DeliveryLease is how long one that has begun is its worker's. There is no
	// renewal: a delivery takes seconds, and one that is done twice is harmless.
	DeliveryLease = time.Minute
	// MostTries is how many tries are remembered; older ones make place.
	MostTries = 20
)

// Notification is the end of a video, as told to its NotifyURL. A video that is
// revived, or tried again, ends again: that is another notification.
type Notification struct {
	ID        uuid.UUID // the same over all tries; receivers know a repetition by it
	VideoID   uuid.UUID
	Event     string // video.completed, video.failed or video.cancelled
	URL       string
	State     NotificationState
	Attempt   int   // failures, and the success, since it was created or redelivered
	Tries     []Try // oldest first, MostTries at most
	CreatedAt time.Time
	DueAt     time.Time // of the next try; zero once it has ended
	ExpiresAt time.Time // no try comes after that
}

// Try is one attempt to deliver a notification.
type Try struct {
	At       time.Time     `json:"at"`       // when it was over; the store sets it
	Status   int           `json:"status"`   // of the answer; 0: there was none
	Duration time.Duration `json:"duration"` // until the answer, or its lack
	Error    string        `json:"error"`    // why it failed; empty: delivered
	Answer   string        `json:"answer"`   // the beginning of a failure's body
}

// NotificationClaim is one dispatch of a notification: the pair that a task
// carries. It begins at most once.
type NotificationClaim struct {
	Notification uuid.UUID `json:"id"`
	Claim        int64     `json:"claim"`
}

// Delivery is a notification whose delivery has begun, with what it tells. The
// video's state, failure and file are those of the event, and not today's.
type Delivery struct {
	ID      uuid.UUID
	Run     int64 // the fence
	Event   string
	URL     string
	At      time.Time // of the event
	Attempt int       // failures so far
	BegunAt time.Time // now, by the database

	ExpiresAt time.Time // no try comes after that

	VideoID        uuid.UUID
	UserID         string   // whose video it is
	Secrets        []string // the user's own, which sign; none: it has none yet, or is DefaultUser
	State          State
	Title          string
	Metadata       map[string]string
	Failure        *Failure
	File           *File
	VideoCreatedAt time.Time
	Origin         Origin // of the video
}

// DeliveryEnd is one outcome of a delivery. The constructors below are the table
// of all outcomes.
type DeliveryEnd struct {
	ID   uuid.UUID         `json:"id"`
	Run  int64             `json:"run"`
	To   NotificationState `json:"to"`
	Wait time.Duration     `json:"wait"` // until the next try, if it stays pending
	Try  *Try              `json:"try"`  // nil: it was not tried
}

// Delivered: a 2xx.
func Delivered(d Delivery, t Try) DeliveryEnd {
	return DeliveryEnd{ID: d.ID, Run: d.Run, To: NotificationDelivered, Try: &t}
}

// Undelivered: try again after wait. A notification that would expire until
// then has failed.
func Undelivered(d Delivery, t Try, wait time.Duration) DeliveryEnd {
	return DeliveryEnd{ID: d.ID, Run: d.Run, To: NotificationPending, Wait: wait, Try: &t}
}

// Undeliverable: the receiver wants no more of it.
func Undeliverable(d Delivery, t Try) DeliveryEnd {
	return DeliveryEnd{ID: d.ID, Run: d.Run, To: NotificationFailed, Try: &t}
}

// Postponed: there was no try. That is no failure and no reason to expire.
func Postponed(d Delivery, wait time.Duration) DeliveryEnd {
	return DeliveryEnd{ID: d.ID, Run: d.Run, To: NotificationPending, Wait: wait}
}

// Redelivery says which notifications to deliver again. The zero value means all
// that have ended.
type Redelivery struct {
	ID     uuid.UUID     // this one, and nothing else of what follows
	Video  uuid.UUID     // those of one video
	Failed bool          // only those that were given up
	Within time.Duration // that ended no longer ago; 0: whenever
}
