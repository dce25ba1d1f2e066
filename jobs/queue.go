package jobs

// Queue is the name of an asynq queue. Each has its own server, and so its own
// concurrency: a slow download never keeps a create waiting.
type Queue string

// The queues.
const (
	CreateQueue      Queue = "create"
	PollQueue        Queue = "poll"
	DownloadQueue    Queue = "download"
	AnalyticsQueue   Queue = "analytics"
	NotifyQueue      Queue = "notify"
	MaintenanceQueue Queue = "maintenance"
	WatchQueue       Queue = "watch" // of ops:watch alone, which no long job may keep waiting
)

// Queues lists every queue in the order of the line.
var Queues = []Queue{CreateQueue, PollQueue, DownloadQueue, AnalyticsQueue, NotifyQueue, MaintenanceQueue, WatchQueue}
