package jobs

import "time"

// VideosRemove removes what retention no longer keeps: old videos, and the files
// of those whose files are kept shorter.
var VideosRemove = Kind[Scheduled]{
	Name:    "videos:remove",
	Queue:   MaintenanceQueue,
	Group:   1,
	Timeout: time.Hour,
	Retries: 3,
}
