package handlers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"heyq/internal/logkey"
	"heyq/jobs"
	"heyq/store"
)

// recordTime is how long the end of a scheduled job may take to be written,
// which is done though the job itself has no time left.
const recordTime = 2 * time.Second

// chore is what a scheduled job does. It returns what came of it in a few words,
// such as "removed 12 videos", which is also what a failed one got done. It
// stops between two batches when its context ends: the next run goes on.
type chore func(context.Context) (result string, err error)

// scheduled ties a scheduled job to its chore. A job without retries fails to its log:
// the next tick is its retry.
func (h *Handlers) scheduled(kind jobs.Kind[jobs.Scheduled], do chore) func(context.Context, []byte) error {
	return handle(kind, func(ctx context.Context, _ jobs.Scheduled) error {
		err := h.runScheduled(ctx, kind.Name, do)
		if err != nil && kind.Retries > 0 {
			return err
		}
		if err != nil {
			h.Log.Warn().Str(logkey.Kind, kind.Name).Err(err).Msg("a scheduled job failed; the next tick tries it again")
		}
		h.Count(jobs.MaintenanceQueue, 1)
		return nil
	})
}

// runScheduled runs a chore, and records that it has begun, what came of it, and what
// went wrong.
func (h *Handlers) runScheduled(ctx context.Context, name string, do chore) error {
	run, err := h.Store.BeginScheduled(ctx, name)
	if err != nil {
		return err
	}
	result, err := do(ctx)
	end := store.ScheduledEnd{Name: name, Run: run, Outcome: store.RunSucceeded, Result: result}
	switch {
	case err != nil && errors.Is(context.Cause(ctx), context.Canceled):
		end.Outcome = store.RunInterrupted
	case err != nil:
		end.Outcome, end.Error = store.RunFailed, err.Error()
	}
	h.Log.Debug().Str(logkey.Kind, name).Str(logkey.Outcome, string(end.Outcome)).Str(logkey.Result, result).Msg("a scheduled job ended")
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	return errors.Join(err, h.Store.EndScheduled(ctx, end))
}

// tally words a result: "removed 1 video", "removed 12 videos". None is no
// result.
func tally(did string, n int, noun string) string {
	switch n {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("%s 1 %s", did, noun)
	}
	return fmt.Sprintf("%s %d %ss", did, n, noun)
}
