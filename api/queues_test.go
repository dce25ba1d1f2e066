package api_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"heyq/api"
	"heyq/internal/testkit"
	"heyq/jobs"
	"heyq/operate"
	"heyq/store"
	"heyq/wire"
)

type queueList struct {
	Admission admission
	Slots     wire.QueueSlots
	Queues    []wire.Queue
	Redis     string
}

func TestQueues(t *testing.T) {
	t.Parallel()
	mini := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: mini.Addr(), MaxRetries: -1})
	t.Cleanup(func() { _ = client.Close() })
	h := open(t, func(o *api.Options) {
		o.Queues = operate.NewQueues(operate.QueuesOptions{
			Redis: client, Store: o.Store.(store.Store), Meter: operate.NewMeter(client), Slots: 10,
		})
	})
	list := func() (q queueList) {
		t.Helper()
		h.must(t, http.StatusOK, "GET", "/v1/queues", "").decode(t, &q)
		return q
	}

	h.create(t)
	var q queueList
	testkit.Eventually(t, func() error { // it does not wait long for Redis
		if q = list(); q.Redis != "" {
			return errors.New(q.Redis)
		}
		return nil
	})
	equal(t, "admission", q.Admission, admission{State: "open"})
	equal(t, "slots", q.Slots, wire.QueueSlots{Held: 0, Limit: 10})
	var order []jobs.Queue
	for _, line := range q.Queues {
		order = append(order, jobs.Queue(line.Queue))
	}
	equal(t, "order", order, jobs.Queues)
	create, maintenance := q.Queues[0], q.Queues[len(q.Queues)-1]
	if create.Store.Waiting != 1 || *create.Tasks != (wire.QueueTasks{}) || maintenance.Store != nil {
		t.Errorf("create is %+v, maintenance %+v", create, maintenance)
	}

	var changed struct {
		Queue, Message string
		Paused         bool
		Admission      admission
	}
	h.must(t, http.StatusOK, "POST", "/v1/queues/create/pause", "").decode(t, &changed)
	if changed.Queue != "create" || !changed.Paused || changed.Admission != (admission{State: "paused", Reason: store.QueueReason}) {
		t.Errorf("paused: %+v", changed)
	}
	h.must(t, http.StatusOK, "POST", "/v1/queues/create/resume", "").decode(t, &changed)
	if changed.Paused || changed.Admission.State != "open" || changed.Message != "create is resumed, and admission is open" {
		t.Errorf("resumed: %+v", changed)
	}
	if p := h.must(t, http.StatusNotFound, "POST", "/v1/queues/render/pause", "").problem(t); !strings.Contains(p.Detail, `no queue "render"`) {
		t.Errorf("of a queue that does not exist: %s", p.Detail)
	}

	mini.SetError("LOADING Redis is loading the dataset in memory")
	if q := list(); !strings.Contains(q.Redis, "LOADING") || q.Queues[0].Tasks != nil || q.Queues[0].Store.Waiting != 1 {
		t.Errorf("without Redis: %+v", q)
	}
	p := h.must(t, http.StatusServiceUnavailable, "POST", "/v1/queues/create/pause", "").problem(t)
	if !strings.HasPrefix(p.Detail, "admission is closed, so nothing new is sent to HeyGen; the queue create itself could not be paused") {
		t.Errorf("says %s", p.Detail)
	}
}
