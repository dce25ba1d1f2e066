package jobs

import (
	"testing"

	"heyq/store"
)

func TestWindow_room(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind  Kind[VideoTask]
		most  int
		tasks int
		want  int
	}{
		{VideoCreate, 1000, 0, 1000},
		{VideoCreate, 1000, 1, 975}, // a task may be full
		{VideoCreate, 1000, 39, 25},
		{VideoCreate, 1000, 40, 0},
		{VideoCreate, 1000, 5000, 0}, // more than the window: another process has a larger one
		{VideoPoll, 1000, 0, 1000},
		{VideoPoll, 1000, 9, 100},
		{VideoPoll, 1000, 10, 0},
		{VideoCreate, 1, 0, 25}, // the least that moves at all is one task
		{VideoCreate, 1, 1, 0},
		{VideoAnalyze, 50, 0, 100},
	} {
		w := &window{most: c.most}
		if got := w.room(c.kind.Group, c.tasks); got != c.want {
			t.Errorf("%s, window %d, %d tasks: room for %d, want %d", c.kind.Name, c.most, c.tasks, got, c.want)
		}
	}
}

func TestWindow_look_reads_Redis_itself(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1000)
	p, err := b.window.look(t.Context())
	if err != nil || p.epoch == "" || p.room(store.Poll) != 1000 || p.analyses != 1000 {
		t.Errorf("an empty Redis: %+v, %v", p, err)
	}
	if err := b.sender.Send(t.Context(), store.Poll, newClaims(150)); err != nil {
		t.Fatal(err)
	}
	before := p.epoch
	p, err = b.window.look(t.Context())
	if err != nil || p.epoch != before || p.room(store.Poll) != 800 || p.room(store.Create) != 1000 {
		t.Errorf("two polls pending: %+v, %v", p, err)
	}
	b.mini.Del("asynq:{poll}:pending")
	b.mini.Set("asynq:{poll}:pending", "no list") //nolint:errcheck // miniredis cannot fail here
	b.mini.Del(perches[0].canary)                 // nothing there, which must not hide it
	if p, err := b.window.look(t.Context()); err == nil {
		t.Errorf("one queue cannot be read: %+v", p)
	}
	b.mini.Close()
	if p, err := b.window.look(t.Context()); err == nil {
		t.Errorf("without Redis: %+v", p)
	}
}
