package handlers

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"heyq/store"
)

// lossy is a store that writes an End and loses its first answers.
type lossy struct {
	*fakeStore
	loses atomic.Int32
}

func (s *lossy) End(ctx context.Context, ends []store.End) ([]store.Ended, error) {
	ended, err := s.fakeStore.End(ctx, ends)
	if s.loses.Add(-1) >= 0 {
		return nil, errAway
	}
	return ended, err
}

// The row has moved on, and no other process will send its next task before it
// is dispatched again.
func TestWrites_go_on_from_an_End_whose_answer_was_lost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &lossy{fakeStore: newFakeStore()}
		b := newBench(t, nil, func(o *Options) { o.Store = s })
		claims := s.addMany(3, store.Rendering)
		runs, err := b.writes.begin(t.Context(), store.Poll, claims)
		if err != nil {
			t.Fatal(err)
		}
		s.loses.Store(2)
		if err := b.finish(t.Context(), activity{}, runs[:1], []store.End{store.Rendered(runs[0])}); err != nil {
			t.Error(err)
		}
		s.loses.Store(1)
		ends := []store.End{store.Rendered(runs[1]), store.StillRendering(runs[2], 0)}
		if err := b.finish(t.Context(), activity{}, runs[1:], ends); err != nil {
			t.Error(err)
		}
		var want []store.Claim
		for _, c := range claims[:2] {
			want = append(want, store.Claim{Video: c.Video, Claim: s.rows[c.Video].claim})
		}
		compare(t, "sent", b.sender.sent, want)
		compare(t, "written", len(s.ended), 3)
		if b.woken.Load() != 2 {
			t.Errorf("the dispatcher was woken %d times for two free slots", b.woken.Load())
		}
		runs, err = s.Begin(t.Context(), store.Download, b.sender.sent)
		if err != nil || len(runs) != 2 {
			t.Errorf("the next tasks begin %v, %v", runs, err)
		}
	})
}

func TestWrites_presume_nothing_where_the_database_answered(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	claim := b.store.add(store.Rendering)
	runs, err := b.writes.begin(t.Context(), store.Poll, []store.Claim{claim})
	if err != nil {
		t.Fatal(err)
	}
	b.store.steal(claim.Video)
	if err := b.finish(t.Context(), activity{}, runs[:1], []store.End{store.Rendered(runs[0])}); err != nil {
		t.Error(err)
	}
	if len(b.sender.sent) != 0 || b.woken.Load() != 0 {
		t.Errorf("sent %v, woken %d times for a row that somebody else has", b.sender.sent, b.woken.Load())
	}
}
