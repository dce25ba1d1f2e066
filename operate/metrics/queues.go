package metrics

import (
	"context"

	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"

	"heyq/jobs"
)

// Queues exports what Redis knows: asynq's queues, and how many processes there
// are.
type Queues struct{ figures cached[queueFigures] }

type queueFigures struct {
	queues    map[jobs.Queue]*asynq.QueueInfo
	processes int
}

// NewQueues returns a collector of what two functions tell.
func NewQueues(queues func(context.Context) (map[jobs.Queue]*asynq.QueueInfo, error), processes func(context.Context) (int, error)) *Queues {
	return &Queues{newCached(func(ctx context.Context) (f queueFigures, err error) {
		if f.processes, err = processes(ctx); err != nil {
			return f, err
		}
		f.queues, err = queues(ctx)
		return f, err
	})}
}

var (
	redisUp = sourceUp("redis")

	queueTasks     = describe("heyq_queue_tasks", "asynq's tasks by their state.", "queue", "state")
	queueLatency   = describe("heyq_queue_latency_seconds", "How long the oldest pending task has been waiting in Redis; 0 without any.", "queue")
	queuePaused    = describe("heyq_queue_paused", "1 if workers fetch nothing from the queue.", "queue")
	queueProcessed = describe("heyq_queue_processed_total", "Tasks that were taken, with whatever outcome, since Redis began.", "queue")
	queueFailed    = describe("heyq_queue_failed_total", "Of those, the ones whose handler failed: the row could not be reached, or the task read.", "queue")
	processes      = describe("heyq_stats_processes", "Processes that show what they count, or did so within half a minute.")
)

// Describe implements prometheus.Collector.
func (q *Queues) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{redisUp, queueTasks, queueLatency, queuePaused, queueProcessed, queueFailed, processes} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (q *Queues) Collect(to chan<- prometheus.Metric) {
	send := func(d *prometheus.Desc, kind prometheus.ValueType, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, kind, value, labels...)
	}
	f, ok := q.figures.get()
	send(redisUp, prometheus.GaugeValue, one(ok))
	if !ok {
		return
	}
	for queue, q := range f.queues {
		name := string(queue)
		for state, n := range map[string]int{
			"pending": q.Pending, "active": q.Active, "scheduled": q.Scheduled, "retry": q.Retry,
			"archived": q.Archived, "completed": q.Completed,
		} {
			send(queueTasks, prometheus.GaugeValue, float64(n), name, state)
		}
		send(queueLatency, prometheus.GaugeValue, q.Latency.Seconds(), name)
		send(queuePaused, prometheus.GaugeValue, one(q.Paused), name)
		send(queueProcessed, prometheus.CounterValue, float64(q.ProcessedTotal), name)
		send(queueFailed, prometheus.CounterValue, float64(q.FailedTotal), name)
	}
	send(processes, prometheus.GaugeValue, float64(f.processes))
}
