package store

import "time"

// Queue is the name of a queue of tasks.
type Queue string

// The queues whose jobs are rows: those of a video's steps, of its analysis, and of
// the notifications of its end.
const (
	CreateQueue    Queue = "create"
	PollQueue      Queue = "poll"
	DownloadQueue  Queue = "download"
	AnalyticsQueue Queue = "analytics"
	NotifyQueue    Queue = "notify"
)

// RowQueues lists them in the order of the line.
var RowQueues = []Queue{CreateQueue, PollQueue, DownloadQueue, AnalyticsQueue, NotifyQueue}

// Backlog is what there is to do. Each figure was true at some moment of the
// call, not all of them at the same one.
type Backlog struct {
	States    map[State]int // videos in each; absent means none
	Slots     int           // render slots that are held
	Admission Load          // queued videos that wait for a slot, but for those whose not_before is to come; none is overdue whose user holds all slots that it may
	Queues    []QueueLoad   // what is at work, a line for each of RowQueues, in their order
}

// QueueLoad is what there is to do in a queue.
type QueueLoad struct {
	Queue Queue
	Load
}

// Load is what there is to do of one sort.
type Load struct {
	Jobs    int           // all of them
	Running int           // under a lease that lives; an analysis has none
	Overdue int           // due, and without a claim
	Oldest  time.Duration // since the oldest of them came into its state; 0: there are none
	Lag     time.Duration // since the one that is overdue for longest was due; 0: none is
}

// Loads makes the lines of a backlog. A queue that is not in loads has nothing to do.
func Loads(loads map[Queue]Load) []QueueLoad {
	list := make([]QueueLoad, len(RowQueues))
	for i, queue := range RowQueues {
		list[i] = QueueLoad{queue, loads[queue]}
	}
	return list
}

// In returns what there is to do in a queue.
func (b Backlog) In(queue Queue) Load {
	for _, q := range b.Queues {
		if q.Queue == queue {
			return q.Load
		}
	}
	return Load{}
}

// Latest is the queue whose dispatch is furthest behind. What waits for a slot does
// not count: it waits for HeyGen, and not for a dispatcher.
func (b Backlog) Latest() (latest QueueLoad) {
	for _, q := range b.Queues {
		if q.Lag > latest.Lag {
			latest = q
		}
	}
	return latest
}
