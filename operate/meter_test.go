package operate

import (
	"context"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"heyq/internal/testkit"
	"heyq/jobs"
)

func newMeter(t *testing.T, mini *miniredis.Miniredis) *Meter {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: mini.Addr(), MaxRetries: -1})
	t.Cleanup(func() { _ = client.Close() })
	return NewMeter(client)
}

// Two processes count together, and what is a minute old counts no more.
func TestMeter_counts_the_last_minute(t *testing.T) {
	t.Parallel()
	mini := miniredis.RunT(t)
	now := time.Unix(1_800_000_000, 0)
	one, other := newMeter(t, mini), newMeter(t, mini)
	count := func(m *Meter, queue jobs.Queue, n int) {
		t.Helper()
		mini.SetTime(now)
		m.Done(queue, n)
		if err := m.handIn(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	want := func(queue jobs.Queue, n int) {
		t.Helper()
		mini.SetTime(now)
		got, err := other.Rates(t.Context())
		if err != nil || got[queue] != n || len(got) != len(jobs.Queues) {
			t.Errorf("%d in %s, want %d (%v)", got[queue], queue, n, err)
		}
	}
	want(jobs.CreateQueue, 0)
	count(one, jobs.CreateQueue, 25)
	count(other, jobs.CreateQueue, 5)
	count(one, jobs.DownloadQueue, 1)
	want(jobs.CreateQueue, 30)
	want(jobs.DownloadQueue, 1)
	now = now.Add(59 * time.Second)
	count(one, jobs.CreateQueue, 2)
	want(jobs.CreateQueue, 32)
	now = now.Add(time.Second)
	want(jobs.CreateQueue, 2)
	count(one, jobs.CreateQueue, 3)
	want(jobs.CreateQueue, 5)
	if fields, err := mini.HKeys(doneKey(jobs.CreateQueue)); err != nil || len(fields) != 2 {
		t.Errorf("%v are kept, want the last minute's (%v)", fields, err)
	}
	if ttl := mini.TTL(doneKey(jobs.CreateQueue)); ttl <= time.Minute {
		t.Errorf("the counts die in %s", ttl)
	}
}

// Run hands in by itself, and goes on where Redis was away.
func TestMeter_runs(t *testing.T) {
	t.Parallel()
	mini := miniredis.RunT(t)
	m := newMeter(t, mini)
	mini.SetError("LOADING away")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- m.Run(ctx) }()
	m.Done(jobs.PollQueue, 4)
	testkit.Eventually(t, func() error {
		if m.done[jobs.PollQueue].Load() > 0 {
			return context.DeadlineExceeded
		}
		return nil
	})
	if _, err := m.Rates(t.Context()); err == nil {
		t.Error("rates were read from a Redis that is away")
	}
	mini.SetError("")
	m.Done(jobs.PollQueue, 7)
	testkit.Eventually(t, func() error {
		rates, err := m.Rates(t.Context())
		if err == nil && rates[jobs.PollQueue] != 7 {
			err = context.DeadlineExceeded
		}
		return err
	})
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
