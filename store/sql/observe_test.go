package sql

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"heyq/store"
)

var (
	errBroken = errors.New("the database is broken")
	errKept   = errors.New("a constraint was kept")
)

// played is a database that ends each step, and each commit, as it is told to.
type played struct {
	step, commit error
}

func (p played) Read(context.Context, ...Step) error  { return p.step }
func (p played) Write(context.Context, ...Step) error { return p.step }
func (p played) Explain(err error, _ string) error    { return err }
func (p played) Answered(err error) bool              { return errors.Is(err, errKept) }
func (p played) InTx(ctx context.Context, fn func(context.Context, Do) error) error {
	if err := fn(ctx, p.Read); err != nil {
		return err
	}
	return p.commit
}

func TestObserver_takes_answers_for_no_failures(t *testing.T) {
	t.Parallel()
	given, cancel := context.WithCancel(t.Context())
	cancel()
	late, stop := context.WithDeadline(t.Context(), time.Now())
	defer stop()
	for _, c := range []struct {
		name string
		ctx  context.Context
		db   played
		want []string // names, with ! if they failed
	}{
		{"success", t.Context(), played{}, []string{"ping", "begin", "ping", "commit"}},
		{"an answer", t.Context(), played{step: fmt.Errorf("wrapped: %w", errKept)}, []string{"ping", "begin", "ping"}},
		{"a failure", t.Context(), played{step: errBroken}, []string{"ping!", "begin", "ping!"}},
		{"a commit that fails", t.Context(), played{commit: errBroken}, []string{"ping", "begin", "ping", "commit!"}},
		{"a deadline", late, played{step: context.DeadlineExceeded}, []string{"ping!", "begin", "ping!"}},
		{"given up", given, played{step: context.Canceled}, []string{"begin"}},
		{"the server is silent, which ends no caller's context", t.Context(), played{step: context.Canceled}, []string{"ping!", "begin", "ping!"}},
	} {
		var told []string
		p := New(c.db, store.DefaultTiming, func(name string, err error, _ time.Duration) {
			if err != nil {
				name += "!"
			}
			told = append(told, name)
		})
		_ = p.Ping(c.ctx)
		_ = p.db.InTx(c.ctx, func(ctx context.Context, do Do) error { return do(ctx, Step{Statement: ping}) })
		if !slices.Equal(told, c.want) {
			t.Errorf("%s: told of %q, want %q", c.name, told, c.want)
		}
	}
}
