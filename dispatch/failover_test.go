package dispatch_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/rs/zerolog"

	"heyq/dispatch"
	"heyq/internal/testkit"
	"heyq/internal/testservers"
	"heyq/jobs"
)

// failing is a Redis whose master of the create queue can be lost.
type failing struct {
	url         string
	sever, kill func() error
}

func sentinel(t *testing.T) failing {
	s := testkit.StartSentinel(t)
	return failing{
		url:   s.URL(),
		sever: func() error { return s.Sever(t.Context()) },
		kill:  func() error { _, err := s.KillMaster(t.Context()); return err },
	}
}

func cluster(t *testing.T) failing {
	c := testkit.StartCluster(t, testservers.Replicated())
	i, err := c.Master(t.Context(), "asynq:{create}:pending")
	if err != nil {
		t.Fatal(err)
	}
	return failing{
		url:   c.URL(),
		sever: func() error { return c.Sever(t.Context(), i) },
		kill:  func() error { c.Kill(i); return nil },
	}
}

// A replica that was cut off for a moment takes over: it has the epoch, and
// lacks the tasks that were sent last.
func TestDispatcher_sends_again_what_a_failover_lost_real(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(*testing.T) failing{"sentinel": sentinel, "cluster": cluster} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := start(t)
			d := newDispatchedOn(t, 10, testkit.OpenRedis(t, server.url))
			if err := d.Pass(t.Context()); err != nil { // sets the epochs
				t.Fatal(err)
			}
			if err := server.sever(); err != nil {
				t.Fatal(err)
			}
			d.create(t, 30)
			if err := d.Pass(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := len(d.pending(t)); n != 10 {
				t.Fatalf("%d videos were sent for 10 slots", n)
			}
			if err := server.kill(); err != nil {
				t.Fatal(err)
			}
			killed := time.Now()
			testkit.Eventually(t, func() error {
				if err := d.Pass(t.Context()); err != nil {
					return err
				}
				if n := len(d.pending(t)); n != 10 {
					return fmt.Errorf("%d of 10 videos were sent again", n)
				}
				return nil
			})
			t.Logf("sent again %s after the kill", time.Since(killed).Round(time.Millisecond))
		})
	}
}

// In a cluster the queues and asynq's own keys lie on different servers.
func TestDispatchers_share_a_cluster_real(t *testing.T) {
	t.Parallel()
	server := cluster(t)
	d := newDispatchedOn(t, 25, testkit.OpenRedis(t, server.url))
	d.create(t, 25)
	sender := dispatch.NewSender(d.redis, d.db)
	other := dispatch.New(dispatch.Options{Store: d.db, Sender: sender, Slots: 25, Window: 1000, Log: zerolog.Nop()})
	for _, one := range []*dispatch.Dispatcher{d.Dispatcher, other} {
		if err := one.Pass(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	sent := d.pending(t)
	if len(sent) != 25 {
		t.Errorf("%d videos were sent for 25 slots", len(sent))
	}
	for id, n := range sent {
		if n != 1 {
			t.Errorf("video %s waits %d times", id, n)
		}
	}
	inspector := asynq.NewInspectorFromRedisClient(d.redis)
	queues, err := inspector.Queues()
	if err != nil || len(queues) != len(jobs.Queues) {
		t.Errorf("the queues are %v, %v", queues, err)
	}
	for _, queue := range queues {
		if _, err := inspector.GetQueueInfo(queue); err != nil {
			t.Errorf("look at %s: %v", queue, err)
		}
	}
}

// A master that was demoted still answers, and refuses every write.
func TestDispatcher_waits_while_Redis_is_read_only_real(t *testing.T) {
	t.Parallel()
	d := newDispatched(t, 10)
	if err := d.Pass(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.redis.Do(t.Context(), "REPLICAOF", "127.0.0.1", "1").Err(); err != nil {
		t.Fatal(err)
	}
	d.create(t, 10)
	if err := d.Pass(t.Context()); err == nil || !strings.Contains(err.Error(), "READONLY") {
		t.Fatalf("a pass on a read-only Redis: %v", err)
	}
	if n := len(d.pending(t)); n != 0 {
		t.Errorf("%d videos were sent", n)
	}
	if err := d.redis.Do(t.Context(), "REPLICAOF", "NO", "ONE").Err(); err != nil {
		t.Fatal(err)
	}
	testkit.Eventually(t, func() error {
		if err := d.Pass(t.Context()); err != nil {
			return err
		}
		if n := len(d.pending(t)); n != 10 {
			return fmt.Errorf("%d of 10 videos were sent", n)
		}
		return nil
	})
}
