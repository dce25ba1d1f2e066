package jobs

import (
	"slices"

	"heyq/store"
)

// Queue is the name of an asynq queue. Each has its own server, and so its own
// concurrency: a slow download never keeps a create waiting.
type Queue = store.Queue

// The queues.
const (
	CreateQueue            = store.CreateQueue
	PollQueue              = store.PollQueue
	DownloadQueue          = store.DownloadQueue
	AnalyticsQueue         = store.AnalyticsQueue
	NotifyQueue            = store.NotifyQueue
	MaintenanceQueue Queue = "maintenance"
	WatchQueue       Queue = "watch" // of ops:watch alone, which no long job may keep waiting
)

// Queues lists every queue, in the order in which a video passes them.
var Queues = append(slices.Clone(store.RowQueues), MaintenanceQueue, WatchQueue)
