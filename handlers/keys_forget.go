package handlers

import (
	"context"
	"time"
)

// keyAge is how long an Idempotency-Key of our own API is remembered.
const keyAge = 48 * time.Hour

// forgetKeys drops idempotency keys that nobody will send again.
func (h *Handlers) forgetKeys(ctx context.Context) (string, error) {
	n, err := h.Store.ForgetKeys(ctx, keyAge)
	return tally("forgot", n, "idempotency key"), err
}
