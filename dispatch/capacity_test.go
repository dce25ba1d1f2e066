package dispatch

import (
	"testing"

	"heyq/jobs"
	"heyq/store"
)

func TestCapacity_room(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind  jobs.Kind[jobs.VideoTask]
		most  int
		tasks int
		want  int
	}{
		{jobs.VideoCreate, 1000, 0, 1000},
		{jobs.VideoCreate, 1000, 1, 975}, // a task may be full
		{jobs.VideoCreate, 1000, 39, 25},
		{jobs.VideoCreate, 1000, 40, 0},
		{jobs.VideoCreate, 1000, 5000, 0}, // more than the window: another process has a larger one
		{jobs.VideoPoll, 1000, 0, 1000},
		{jobs.VideoPoll, 1000, 9, 100},
		{jobs.VideoPoll, 1000, 10, 0},
		{jobs.VideoCreate, 1, 0, 25}, // the least that moves at all is one task
		{jobs.VideoCreate, 1, 1, 0},
		{jobs.VideoAnalyze, 50, 0, 100},
	} {
		w := &capacity{most: c.most}
		if got := w.room(c.kind.Group, c.tasks); got != c.want {
			t.Errorf("%s, window %d, %d tasks: room for %d, want %d", c.kind.Name, c.most, c.tasks, got, c.want)
		}
	}
}

func TestCapacity_probe_reads_Redis_itself(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1000)
	p, err := b.capacity.probe(t.Context())
	if err != nil || p.epoch == "" || p.room(store.Poll) != 1000 || p.analyses != 1000 {
		t.Errorf("an empty Redis: %+v, %v", p, err)
	}
	if err := b.sender.Send(t.Context(), store.Poll, newClaims(150)); err != nil {
		t.Fatal(err)
	}
	before := p.epoch
	p, err = b.capacity.probe(t.Context())
	if err != nil || p.epoch != before || p.room(store.Poll) != 800 || p.room(store.Create) != 1000 {
		t.Errorf("two polls pending: %+v, %v", p, err)
	}
	b.mini.Del("asynq:{poll}:pending")
	b.mini.Set("asynq:{poll}:pending", "no list") //nolint:errcheck // miniredis cannot fail here
	b.mini.Del(queueProbes[0].epochKey)           // nothing there, which must not hide it
	if p, err := b.capacity.probe(t.Context()); err == nil {
		t.Errorf("one queue cannot be read: %+v", p)
	}
	b.mini.Close()
	if p, err := b.capacity.probe(t.Context()); err == nil {
		t.Errorf("without Redis: %+v", p)
	}
}
