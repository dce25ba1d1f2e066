package metrics

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/expfmt"

	"heyq/jobs"
	"heyq/store"
)

// fakeStore is a store with these figures; with an error, it is away.
type fakeStore struct {
	backlog   store.Backlog
	admission store.Admission
	err       error
}

func (f fakeStore) Backlog(context.Context) (store.Backlog, error)     { return f.backlog, f.err }
func (f fakeStore) Admission(context.Context) (store.Admission, error) { return f.admission, nil }
func (f fakeStore) Spent(context.Context) (float64, error)             { return 12.5, nil }

func (f fakeStore) SinceRun(_ context.Context, name string) (time.Duration, bool, error) {
	return 90 * time.Second, name == "store:sweep", nil
}

// want compares what a collector exports, without help and types.
func want(t *testing.T, c prometheus.Collector, lines string) {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(c)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var exported strings.Builder
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(&exported, family); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for line := range strings.Lines(exported.String()) {
		if !strings.HasPrefix(line, "#") {
			got = append(got, strings.TrimSpace(line))
		}
	}
	var wanted []string
	for line := range strings.Lines(lines) {
		if line = strings.TrimSpace(line); line != "" {
			wanted = append(wanted, line)
		}
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	problems, err := testutil.CollectAndLint(c)
	if err != nil || len(problems) > 0 {
		t.Errorf("Prometheus would name it otherwise: %v, %v", problems, err)
	}
}

func TestPipeline(t *testing.T) {
	t.Parallel()
	s := fakeStore{
		backlog: store.Backlog{
			States: map[store.State]int{store.Queued: 3, store.Failed: 1}, Slots: 2,
			Admission: store.Load{Jobs: 3, Overdue: 1, Oldest: time.Minute, Lag: time.Minute},
			Queues: store.Loads(map[store.Queue]store.Load{
				store.CreateQueue: {Jobs: 2, Oldest: 3 * time.Second, Lag: 2 * time.Second},
				store.PollQueue:   {Jobs: 4, Oldest: time.Hour},
			}),
		},
		admission: store.Admission{State: store.Stopped, Reason: "401"},
	}
	want(t, NewPipeline(s, 10, []string{"store:sweep", "never:run"}), `
		heyq_admission{reason_kind="account",state="stopped"} 1
		heyq_admission_open 0
		heyq_backlog_due_videos 1
		heyq_backlog_oldest_seconds 60
		heyq_backlog_videos 3
		heyq_dispatch_lag_seconds 2
		heyq_queue_oldest_seconds{queue="analytics"} 0
		heyq_queue_oldest_seconds{queue="create"} 3
		heyq_queue_oldest_seconds{queue="download"} 0
		heyq_queue_oldest_seconds{queue="notify"} 0
		heyq_queue_oldest_seconds{queue="poll"} 3600
		heyq_queue_open_jobs{queue="analytics"} 0
		heyq_queue_open_jobs{queue="create"} 2
		heyq_queue_open_jobs{queue="download"} 0
		heyq_queue_open_jobs{queue="notify"} 0
		heyq_queue_open_jobs{queue="poll"} 4
		heyq_schedule_since_run_seconds{name="store:sweep"} 90
		heyq_slots_held 2
		heyq_slots_limit 10
		heyq_source_up{source="store"} 1
		heyq_spend_usd_total 12.5
		heyq_videos{state="cancelled"} 0
		heyq_videos{state="completed"} 0
		heyq_videos{state="downloading"} 0
		heyq_videos{state="failed"} 1
		heyq_videos{state="queued"} 3
		heyq_videos{state="rendering"} 0
		heyq_videos{state="submitting"} 0`)
	want(t, NewPipeline(fakeStore{err: errAway}, 10, nil), `heyq_source_up{source="store"} 0`)
}

func TestReasonKind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		admission store.Admission
		want      string
	}{
		{store.Admission{State: store.Open}, "none"},
		{store.Admission{State: store.Stopped, Reason: "heygen answered 402"}, "account"},
		{store.Admission{State: store.Paused, Reason: store.OperatorReason}, "operator"},
		{store.Admission{State: store.Paused, Reason: "heygen answered 429", Until: time.Now()}, "rate_limit"},
	} {
		if got := reasonKind(c.admission); got != c.want {
			t.Errorf("%+v is %s, want %s", c.admission, got, c.want)
		}
	}
}

func TestQueues(t *testing.T) {
	t.Parallel()
	err := error(nil)
	queues := func(context.Context) (map[jobs.Queue]*asynq.QueueInfo, error) {
		return map[jobs.Queue]*asynq.QueueInfo{jobs.CreateQueue: {
			Pending: 4, Active: 2, Latency: 1500 * time.Millisecond, Paused: true, ProcessedTotal: 100, FailedTotal: 3,
		}}, err
	}
	processes := func(context.Context) (int, error) { return 5, nil }
	want(t, NewQueues(queues, processes), `
		heyq_queue_failed_total{queue="create"} 3
		heyq_queue_latency_seconds{queue="create"} 1.5
		heyq_queue_paused{queue="create"} 1
		heyq_queue_processed_total{queue="create"} 100
		heyq_queue_tasks{queue="create",state="active"} 2
		heyq_queue_tasks{queue="create",state="archived"} 0
		heyq_queue_tasks{queue="create",state="completed"} 0
		heyq_queue_tasks{queue="create",state="pending"} 4
		heyq_queue_tasks{queue="create",state="retry"} 0
		heyq_queue_tasks{queue="create",state="scheduled"} 0
		heyq_source_up{source="redis"} 1
		heyq_stats_processes 5`)
	err = errAway
	want(t, NewQueues(queues, processes), `heyq_source_up{source="redis"} 0`)
}

func TestDisks(t *testing.T) {
	t.Parallel()
	disks := Disks{"data": t.TempDir(), "media": t.TempDir()}
	if n := testutil.CollectAndCount(disks); n != 4 {
		t.Errorf("%d figures, want free and size of both", n)
	}
}

// One process exports all of them.
func TestCollectors_go_together(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(NewPipeline(fakeStore{}, 10, nil), NewQueues(
		func(context.Context) (map[jobs.Queue]*asynq.QueueInfo, error) { return nil, nil },
		func(context.Context) (int, error) { return 0, nil },
	), Disks{}, Deliveries(func() map[string]int64 { return map[string]int64{"lost": 1} }))
	if _, err := registry.Gather(); err != nil {
		t.Error(err)
	}
}
