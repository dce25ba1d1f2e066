package handlers

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"heyq/internal/batcher"
	"heyq/internal/fault"
	"heyq/store"
)

// mostWrites is how many Begins or Ends share a statement.
const mostWrites = 500

// writes lets concurrent handlers share statements and commits.
type writes struct {
	store      store.Store
	begins     map[store.Step]*batcher.Batcher[store.Claim, store.Run, store.Claim]
	ends       *batcher.Batcher[store.End, store.Ended, uuid.UUID]
	deliveries *batcher.Batcher[store.DeliveryEnd, uuid.UUID, uuid.UUID]
}

func newWrites(s store.Store) *writes {
	w := &writes{
		store:  s,
		begins: map[store.Step]*batcher.Batcher[store.Claim, store.Run, store.Claim]{},
		ends: batcher.New(mostWrites, s.End,
			func(e store.End) uuid.UUID { return e.Video },
			func(e store.Ended) uuid.UUID { return e.Video }, ofOne),
		deliveries: batcher.New(mostWrites, s.EndNotifications,
			func(e store.DeliveryEnd) uuid.UUID { return e.ID },
			func(id uuid.UUID) uuid.UUID { return id }, ofOne),
	}
	for _, step := range store.Steps {
		w.begins[step] = batcher.New(mostWrites,
			func(ctx context.Context, claims []store.Claim) ([]store.Run, error) {
				return s.Begin(ctx, step, claims)
			},
			func(c store.Claim) store.Claim { return c },
			func(r store.Run) store.Claim { return store.Claim{Video: r.Video, Claim: r.Run} }, ofOne)
	}
	return w
}

// ofOne is true of errors that one row can be to blame for. A database that is
// away would only be asked again for nothing.
func ofOne(err error) bool { return wrong(err) || errors.Is(err, store.ErrLocked) }

// wrong is true of errors that waiting does not mend.
func wrong(err error) bool { return fault.CodeOf(err) != fault.Unavailable }

// begin takes the fences and the leases of claims that begin together. Those that
// began before, or are out of date, are not among the runs. It does not end with ctx:
// a row that begins after its handler has left waits for its lease to run out, and
// counts a lapse.
func (w *writes) begin(ctx context.Context, step store.Step, claims []store.Claim) ([]store.Run, error) {
	ctx = context.WithoutCancel(ctx)
	if len(claims) > 1 {
		runs, err := w.store.Begin(ctx, step, claims)
		if err == nil || !ofOne(err) {
			return runs, err
		}
	}
	var runs []store.Run
	var last error
	for _, c := range claims { // one that fails does not keep the others from beginning
		run, ok, err := w.begins[step].Do(ctx, c)
		if err != nil {
			last = err
		} else if ok {
			runs = append(runs, run)
		}
	}
	if len(runs) > 0 {
		return runs, nil // what did not begin is dispatched again
	}
	return nil, last
}

// Ends are tried for a while if the database is away: the outcome of an
// outside call is worth more than the next one. The fence sees to it that a
// late one does no harm.
const (
	endPatience = 15 * time.Second
	endPause    = 500 * time.Millisecond
)

// end writes outcomes that belong together. One whose row another run has by now is
// not returned. It does not end with ctx: a handler that is told to stop still
// says what it did.
//
// A try whose answer was lost may have written an outcome, and then the next one finds
// its fence gone. What would follow from it is harmless if it was another run after
// all, and is returned.
func (w *writes) end(ctx context.Context, ends []store.End) (ended []store.Ended, err error) {
	ctx = context.WithoutCancel(ctx)
	unsure, err := patiently(func() (err error) {
		if len(ends) > 1 {
			if ended, err = w.store.End(ctx, ends); err == nil || !ofOne(err) {
				return err
			}
		}
		ended, err = w.endEach(ctx, ends)
		return err
	})
	if err != nil || !unsure {
		return ended, err
	}
	for _, e := range ends {
		if !slices.ContainsFunc(ended, func(d store.Ended) bool { return d.Video == e.Video }) {
			ended = append(ended, e.Presumed())
		}
	}
	return ended, nil
}

// endEach writes outcomes one by one, each in a statement with what other tasks end.
// So a row that cannot be written, or that another transaction holds, takes none of
// the others along. That row is dispatched again when its lease is over. err is of the
// last one if none was written.
func (w *writes) endEach(ctx context.Context, ends []store.End) (ended []store.Ended, err error) {
	start := time.Now()
	for _, e := range ends {
		one, ok, failed := w.ends.Do(ctx, e)
		if ok {
			ended = append(ended, one)
		}
		if failed != nil {
			err = failed
			if !ofOne(err) || time.Since(start) > endPatience {
				return ended, err
			}
		}
	}
	if len(ended) > 0 {
		return ended, nil
	}
	return nil, err
}

// endDelivery writes the outcome of a delivery. One that another
// worker has by now is left to it.
func (w *writes) endDelivery(ctx context.Context, e store.DeliveryEnd) error {
	_, err := patiently(func() error {
		_, _, err := w.deliveries.Do(context.WithoutCancel(ctx), e)
		return err
	})
	return err
}

// patiently tries a write until the database answers. unsure says that it took
// more than one try.
func patiently(write func() error) (unsure bool, err error) {
	for start := time.Now(); ; {
		err = write()
		if err == nil || wrong(err) || time.Since(start) > endPatience {
			return unsure, err
		}
		unsure = true
		time.Sleep(endPause)
	}
}
