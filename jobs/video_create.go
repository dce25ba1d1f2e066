package jobs

import "time"

// VideoCreate submits videos to HeyGen, or looks for what an earlier submission made. It
// is the one kind that can cost money. It sends at most one create for each claim that
// begins. An unclear answer is tried again under the same idempotency key, eight times;
// then heyq looks instead of sending.
var VideoCreate = Kind[VideoTask]{
	Name:    "video:create",
	Queue:   CreateQueue,
	Group:   25,
	Timeout: 3 * time.Hour,
	Retries: rowRetries,
}
