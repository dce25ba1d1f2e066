package jobs

import "time"

// StoreSweep removes published files that no video points to: what a run left
// that could not say any more what it had done.
var StoreSweep = Kind[Scheduled]{
	Name:    "store:sweep",
	Queue:   MaintenanceQueue,
	Group:   1,
	Timeout: time.Hour,
	Retries: 3,
}
