package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Queue is what Redis knows of one of asynq's queues.
type Queue struct {
	Name      string
	Tasks     map[string]int // by state: pending, active, ...
	Latency   time.Duration  // since the oldest pending task came in
	Paused    bool
	Processed int // tasks since Redis began, failed ones included
	Failed    int // attempts that failed since then
}

// Queues exports what Redis knows: asynq's queues, and how many processes there
// are.
type Queues struct{ figures cached[queueFigures] }

type queueFigures struct {
	queues    []Queue
	processes int
}

// NewQueues returns a collector of what read tells.
func NewQueues(read func(context.Context) (queues []Queue, processes int, err error)) *Queues {
	return &Queues{newCached(func(ctx context.Context) (f queueFigures, err error) {
		f.queues, f.processes, err = read(ctx)
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
	for _, queue := range f.queues {
		for state, n := range queue.Tasks {
			send(queueTasks, prometheus.GaugeValue, float64(n), queue.Name, state)
		}
		send(queueLatency, prometheus.GaugeValue, queue.Latency.Seconds(), queue.Name)
		send(queuePaused, prometheus.GaugeValue, one(queue.Paused), queue.Name)
		send(queueProcessed, prometheus.CounterValue, float64(queue.Processed), queue.Name)
		send(queueFailed, prometheus.CounterValue, float64(queue.Failed), queue.Name)
	}
	send(processes, prometheus.GaugeValue, float64(f.processes))
}
