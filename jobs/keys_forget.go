package jobs

import "time"

// KeysForget drops idempotency keys of our own API that nobody will send again.
var KeysForget = Kind[Scheduled]{
	Name:    "keys:forget",
	Queue:   MaintenanceQueue,
	Group:   1,
	Timeout: 10 * time.Minute,
	Retries: 3,
}
