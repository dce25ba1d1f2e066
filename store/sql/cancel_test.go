package sql

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"heyq/store"
)

// counted is a database with open videos that counts what it is asked.
type counted struct {
	played
	open  []uuid.UUID
	steps int
	times int // transactions
}

func (c *counted) InTx(ctx context.Context, fn func(context.Context, Do) error) error {
	c.times++
	return fn(ctx, func(_ context.Context, steps ...Step) error {
		c.steps += len(steps)
		for _, step := range steps {
			if step.Statement != lockOpen {
				continue
			}
			step.Start()
			for i, id := range c.open {
				if err := step.Each(openVideo{id, []store.State{store.Queued, store.Submitting}[i%2]}); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// openVideo is a row of lockOpen.
type openVideo struct {
	id    uuid.UUID
	state store.State
}

func (v openVideo) Scan(dest ...any) error {
	*dest[0].(*uuid.UUID), *dest[1].(*store.State) = v.id, v.state
	return nil
}

// A page is cancelled by as many statements as one video: 100,000 took 203 s with one
// for each.
func TestCancelAll_asks_as_often_for_one_as_for_many(t *testing.T) {
	t.Parallel()
	asked := func(n int) (steps, times int) {
		db := &counted{}
		for range n {
			db.open = append(db.open, uuid.Must(uuid.NewV7()))
		}
		stopped, err := New(db, store.DefaultTiming, nil).CancelAll(t.Context(), db.open, store.Actor{Who: "ada"})
		if err != nil || len(stopped) != n {
			t.Fatalf("of %d were %d cancelled (%v)", n, len(stopped), err)
		}
		return db.steps, db.times
	}
	one, oneTime := asked(1)
	many, manyTimes := asked(500)
	if one != 4 || many != one || oneTime != 1 || manyTimes != 1 {
		t.Errorf("one takes %d statements in %d transactions, and 500 take %d in %d; want 4 in 1", one, oneTime, many, manyTimes)
	}
}
