package jobs

import (
	"errors"
	"fmt"

	"github.com/google/uuid"

	"heyq/store"
)

// VideoTask is the payload of the tasks that work on videos: one video when
// little is due, a list when much is.
type VideoTask struct {
	Videos []store.Claim `json:"videos"`
}

// Validate refuses a payload that no dispatcher of heyq can have sent.
func (t VideoTask) Validate() error {
	if len(t.Videos) == 0 {
		return errors.New("videos: is empty")
	}
	for i, c := range t.Videos {
		if c.Video == uuid.Nil || c.Claim <= 0 {
			return fmt.Errorf("videos[%d]: has no id or no claim", i)
		}
	}
	return nil
}

// Rows are the videos.
func (t VideoTask) Rows() []uuid.UUID { return store.IDs(t.Videos) }

// ID names the task after its first video and claim. A claim is dispatched once, so the
// same name means the same task: a conflict says that it was enqueued before, though the
// reply was lost.
func (t VideoTask) ID(kind string) string {
	return fmt.Sprintf("%s:%s:%d", kind, t.Videos[0].Video, t.Videos[0].Claim)
}

// rowRetries is never reached: asynq counts no retry of a messenger of rows. How
// often a step is tried its row says (handlers.Bounds).
const rowRetries = 10

// StepKinds says which kind of task does a step of a video.
var StepKinds = map[store.Step]Kind[VideoTask]{
	store.Create:   VideoCreate,
	store.Poll:     VideoPoll,
	store.Download: VideoDownload,
}
