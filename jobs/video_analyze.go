package jobs

import "time"

// VideoAnalyze measures completed videos. It never holds a video up: its
// failure affects the statistics alone.
var VideoAnalyze = Kind[VideoTask]{
	Name:    "video:analyze",
	Queue:   AnalyticsQueue,
	Group:   100,
	Timeout: 15 * time.Minute,
	Retries: rowRetries,
}
