package jobs

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"heyq/store"
)

// NotifyDeliver tells receivers what became of their videos, each with one
// signed POST. A notification is tried for a day: at first again after seconds,
// in the end every two hours. Its row says when the next try is due. A receiver
// may get the same notification twice, under one id.
var NotifyDeliver = Kind[NotifyTask]{
	Name:    "notify:deliver",
	Queue:   NotifyQueue,
	Group:   25,
	Timeout: 10 * time.Minute,
	Retries: rowRetries,
}

// NotifyTask is the payload: one notification when little is due, a list when
// much is.
type NotifyTask struct {
	Notifications []store.NotificationClaim `json:"notifications"`
}

// Validate refuses a payload that no dispatcher of heyq can have sent.
func (t NotifyTask) Validate() error {
	if len(t.Notifications) == 0 {
		return errors.New("notifications: is empty")
	}
	for i, c := range t.Notifications {
		if c.Notification == uuid.Nil || c.Claim <= 0 {
			return fmt.Errorf("notifications[%d]: has no id or no claim", i)
		}
	}
	return nil
}

// Rows are the notifications.
func (t NotifyTask) Rows() []uuid.UUID {
	ids := make([]uuid.UUID, len(t.Notifications))
	for i, c := range t.Notifications {
		ids[i] = c.Notification
	}
	return ids
}

// ID names the task after its first pair, as a VideoTask's does.
func (t NotifyTask) ID(kind string) string {
	return fmt.Sprintf("%s:%s:%d", kind, t.Notifications[0].Notification, t.Notifications[0].Claim)
}
