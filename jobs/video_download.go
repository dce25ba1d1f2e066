package jobs

import "time"

// VideoDownload fetches finished videos, checks and publishes them. It is tried
// for about an hour and a half, with a fresh link each time; a retry after that
// pays nothing.
var VideoDownload = Kind[VideoTask]{
	Name:    "video:download",
	Queue:   DownloadQueue,
	Group:   25,
	Timeout: 48 * time.Hour,
	Retries: rowRetries,
}
