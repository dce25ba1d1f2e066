package jobs

import "time"

// AnalyticsRollup brings the daily totals by user and template up to date.
var AnalyticsRollup = Kind[Scheduled]{
	Name:    "analytics:rollup",
	Queue:   MaintenanceQueue,
	Group:   1,
	Timeout: 10 * time.Minute,
	Retries: 3,
}
