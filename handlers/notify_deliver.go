package handlers

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"heyq/jobs"
	"heyq/store"
)

// deliverNotifications tells the receivers of a task's notifications.
func (h *Handlers) deliverNotifications(ctx context.Context, task jobs.NotifyTask) error {
	deliveries, err := h.Store.BeginNotifications(context.WithoutCancel(ctx), task.Notifications)
	if err != nil {
		return err
	}
	var report report
	var all sync.WaitGroup
	for _, d := range deliveries {
		all.Go(func() {
			end := h.deliver(ctx, d)
			err := h.writes.endDelivery(ctx, end)
			h.countDelivery(end, err)
			report.add("", err)
		})
	}
	all.Wait()
	return report.result()
}

// deliver posts one notification, in its turn. A crash before the outcome is
// written delivers it again, under the same id.
func (h *Handlers) deliver(ctx context.Context, d store.Delivery) (end store.DeliveryEnd) {
	began := time.Now()
	start := began
	defer func() {
		if r := recover(); r != nil {
			h.Log.Error().Interface("panic", r).Stringer("notification", d.ID).Bytes("stack", debug.Stack()).Msg("a handler panicked")
			end = deliveryFailed(d, fmt.Errorf("the handler panicked: %v", r), time.Since(start))
		}
	}()
	leave, wait := h.turnAt(ctx, d.URL)
	if leave == nil {
		return store.Postponed(d, wait)
	}
	defer leave()
	body, err := jobs.EncodeEvent(d, h.PublicURL)
	if err != nil {
		return deliveryFailed(d, err, time.Since(start))
	}
	start = time.Now()
	// Receivers refuse what was signed at another time than theirs, and this
	// process's clock may be off: the database's is what all agree on.
	at := d.BegunAt.Add(time.Since(began))
	answer := h.Webhooks.Post(ctx, d.URL, d.ID.String(), at, body)
	if answer.Err != nil && ctx.Err() != nil { // the worker shuts down
		return store.Postponed(d, 0)
	}
	return deliveryEnd(d, answer, time.Since(start))
}

// turnAt waits for a place at the receiver and then for one of the queue's, not
// longer than the receivers' patience. leave is nil where there is none; wait
// says when to ask again.
func (h *Handlers) turnAt(ctx context.Context, url string) (leave func(), wait time.Duration) {
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	out, wait := h.receivers.enter(patient, url)
	if out == nil {
		return nil, wait
	}
	limit := h.limits[jobs.NotifyQueue]
	if !h.acquire(patient, limit) {
		out()
		if h.drainCtx.Err() != nil {
			return nil, 0
		}
		return nil, patience
	}
	return func() { limit.Release(1); out() }, 0
}
