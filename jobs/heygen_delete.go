package jobs

import "time"

// HeyGenDelete deletes HeyGen's copies of videos that were completed long enough
// ago. It does nothing unless somebody asked for it.
var HeyGenDelete = Kind[Scheduled]{
	Name:    "heygen:delete",
	Queue:   MaintenanceQueue,
	Group:   1,
	Timeout: time.Hour,
	Retries: 3,
}
