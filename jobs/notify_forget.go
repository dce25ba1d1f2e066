package jobs

import "time"

// NotifyForget drops notifications that ended long ago, with their logs.
var NotifyForget = Kind[Scheduled]{
	Name:    "notify:forget",
	Queue:   MaintenanceQueue,
	Group:   1,
	Timeout: 10 * time.Minute,
	Retries: 3,
}
