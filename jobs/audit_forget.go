package jobs

import "time"

// AuditForget drops the record of what was done to jobs long ago.
var AuditForget = Kind[Scheduled]{
	Name:    "audit:forget",
	Queue:   MaintenanceQueue,
	Group:   1,
	Timeout: 10 * time.Minute,
	Retries: 3,
}
