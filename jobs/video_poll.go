package jobs

import "time"

// VideoPoll asks HeyGen how far renders are: as many in one call as HeyGen
// answers for. A poll that fails is tried again, up to a minute later, until the
// render's own deadlines: a paid render never fails because asking for it did.
var VideoPoll = Kind[VideoTask]{
	Name:    "video:poll",
	Queue:   PollQueue,
	Group:   100,
	Timeout: 15 * time.Minute,
	Retries: rowRetries,
}
