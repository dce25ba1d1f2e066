package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"heyq/store"
)

// PipelineStore is what a Pipeline reads of the store.
type PipelineStore interface {
	Backlog(ctx context.Context) (store.Backlog, error)
	Admission(ctx context.Context) (store.Admission, error)
	Spent(ctx context.Context) (usd float64, err error)
	SinceRun(ctx context.Context, name string) (ago time.Duration, ran bool, err error)
}

// Pipeline exports what the store knows: videos, slots, admission, what waits and
// for how long, what was spent, and when scheduled jobs last succeeded.
type Pipeline struct {
	slots   int
	figures cached[pipelineFigures]
}

type pipelineFigures struct {
	backlog   store.Backlog
	admission store.Admission
	spent     float64
	since     map[string]time.Duration // the last success of a scheduled job
}

// NewPipeline returns a collector. slots is how many renders there may be at
// once, and scheduled are the names of the scheduled jobs.
func NewPipeline(s PipelineStore, slots int, scheduled []string) *Pipeline {
	read := func(ctx context.Context) (f pipelineFigures, err error) {
		if f.backlog, err = s.Backlog(ctx); err != nil {
			return f, err
		}
		if f.admission, err = s.Admission(ctx); err != nil {
			return f, err
		}
		if f.spent, err = s.Spent(ctx); err != nil {
			return f, err
		}
		f.since = map[string]time.Duration{}
		for _, name := range scheduled {
			ago, ran, err := s.SinceRun(ctx, name)
			if err != nil {
				return f, err
			}
			if ran {
				f.since[name] = ago
			}
		}
		return f, nil
	}
	return &Pipeline{slots: slots, figures: newCached(read)}
}

var (
	storeUp = sourceUp("store")

	videos        = describe("heyq_videos", "Videos in each state.", "state")
	slotsHeld     = describe("heyq_slots_held", "Render slots that are held.")
	slotsLimit    = describe("heyq_slots_limit", "Render slots that there are (HEYGEN_CONCURRENCY).")
	backlogVideos = describe("heyq_backlog_videos", "Queued videos that wait for a render slot.")
	backlogDue    = describe("heyq_backlog_due_videos", "Those of them that could have one: their time has come, and their users hold fewer slots than they may.")
	backlogOldest = describe("heyq_backlog_oldest_seconds", "How long the oldest of them has been queued; 0 without any.")
	dispatchLag   = describe("heyq_dispatch_lag_seconds", "How long something has been due that no dispatcher has claimed.")
	openJobs      = describe("heyq_queue_open_jobs", "Rows of the store that need the step of a queue.", "queue")
	oldestJob     = describe("heyq_queue_oldest_seconds", "How long the oldest of them has needed it; 0 without any.", "queue")
	admissionOpen = describe("heyq_admission_open", "1 if queued videos are let through to HeyGen.")
	admission     = describe("heyq_admission", "1 for the state that admission is in: open, paused (by an operator, or for HeyGen's rate_limit) or stopped (HeyGen refuses the account, or one video after the other).", "state", "reason_kind")
	spent         = describe("heyq_spend_usd_total", "Price of all videos that were measured, by HEYQ_PRICE_PER_SECOND.")
	sinceRun      = describe("heyq_schedule_since_run_seconds", "How long ago a scheduled job last succeeded; absent where it never has.", "name")
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

// Describe implements prometheus.Collector.
func (p *Pipeline) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		storeUp, videos, slotsHeld, slotsLimit, backlogVideos, backlogDue, backlogOldest, dispatchLag, openJobs, oldestJob,
		admissionOpen, admission, spent, sinceRun,
	} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (p *Pipeline) Collect(to chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	f, ok := p.figures.get()
	gauge(storeUp, one(ok))
	if !ok {
		return
	}
	b := f.backlog
	for _, state := range store.States {
		gauge(videos, float64(b.States[state]), string(state))
	}
	gauge(slotsHeld, float64(b.Slots))
	gauge(slotsLimit, float64(p.slots))
	gauge(backlogVideos, float64(b.Admission.Jobs))
	gauge(backlogDue, float64(b.Admission.Overdue))
	gauge(backlogOldest, b.Admission.Oldest.Seconds())
	gauge(dispatchLag, b.Latest().Lag.Seconds())
	for _, q := range b.Queues {
		gauge(openJobs, float64(q.Jobs), string(q.Queue))
		gauge(oldestJob, q.Oldest.Seconds(), string(q.Queue))
	}
	gauge(admissionOpen, one(f.admission.State == store.Open))
	gauge(admission, 1, string(f.admission.State), reasonKind(f.admission))
	to <- prometheus.MustNewConstMetric(spent, prometheus.CounterValue, f.spent)
	for name, ago := range f.since {
		gauge(sinceRun, ago.Seconds(), name)
	}
}

// reasonKind is why admission is closed, in one of a few words: the reason
// itself may hold anything that HeyGen said. A pause without an end counts as
// an operator's, and a pause that ends by itself as a rate limit.
func reasonKind(a store.Admission) string {
	switch {
	case a.State == store.Open:
		return "none"
	case a.State == store.Stopped:
		return "account"
	case a.Until.IsZero():
		return "operator"
	}
	return "rate_limit"
}
