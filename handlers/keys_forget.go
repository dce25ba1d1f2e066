package handlers

import (
	"context"
	"errors"
)

// forgetKeys drops the idempotency keys whose life is over, and tasks of long ago.
func (h *Handlers) forgetKeys(ctx context.Context) (string, error) {
	n, err := h.Store.ForgetKeys(ctx)
	_, lost := h.Store.ForgetTasks(ctx)
	return tally("forgot", n, "idempotency key"), errors.Join(err, lost)
}
