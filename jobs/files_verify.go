package jobs

import "time"

// FilesVerify reads a sample of the published files and compares them with their
// rows. What is lost is fetched again from HeyGen, which pays nothing.
var FilesVerify = Kind[Scheduled]{
	Name:    "files:verify",
	Queue:   MaintenanceQueue,
	Group:   1,
	Timeout: time.Hour,
	Retries: 1,
}
