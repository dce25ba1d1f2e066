package handlers

import (
	"context"
	"fmt"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"heyq/internal/logkey"
	"heyq/internal/policy"
	"heyq/jobs"
	"heyq/store"
)

// patientFor is how old an event may be whose delivery waits for its receiver's
// breaker. After that a refusal is an attempt as any other, with longer and longer
// waits: a receiver that is gone for good must not keep what it will never hear.
const patientFor = time.Hour

// deliverNotifications tells the receivers of a task's notifications.
func (h *Handlers) deliverNotifications(ctx context.Context, task jobs.NotifyTask) error {
	deliveries, err := h.Store.BeginNotifications(context.WithoutCancel(ctx), task.Notifications)
	if err != nil {
		return err
	}
	var report report
	var all sync.WaitGroup
	for _, d := range deliveries {
		all.Go(func() { report.add(h.deliverOne(ctx, &d)) })
	}
	all.Wait()
	return report.result()
}

// deliverOne delivers a notification, and writes and tells what came of it.
func (h *Handlers) deliverOne(ctx context.Context, d *store.Delivery) error {
	ctx, span := h.Tracer.Resume(ctx, notifyStep, d.Origin.Trace)
	span.Video(d.VideoID).Step(notifyStep, d.Attempt+1).Request(d.Origin.Request)
	w := work{notifyStep, time.Now(), span}
	end := h.deliver(ctx, *d)
	err := h.writes.endDelivery(ctx, end)
	h.countDelivery(end, err)
	h.endDelivery(w, d, &end, err)
	return err
}

// deliver posts one notification, in its turn. A crash before the outcome is
// written delivers it again, under the same id.
func (h *Handlers) deliver(ctx context.Context, d store.Delivery) (end store.DeliveryEnd) {
	began := time.Now()
	start := began
	defer func() {
		if r := recover(); r != nil {
			about(h.Log.Error(), d.VideoID, d.Origin).Interface(logkey.Panic, r).Stringer(logkey.Notification, d.ID).Bytes(logkey.Stack, debug.Stack()).Msg("a handler panicked")
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
	postCtx, span := h.Tracer.Start(ctx, "webhook")
	answer := h.Webhooks.Post(postCtx, d.URL, d.ID.String(), at, body)
	span.HTTP(http.MethodPost, "", answer.Status).Failed(plain(answer.Err)).End()
	if answer.Err != nil && ctx.Err() != nil { // the worker shuts down
		return store.Postponed(d, 0)
	}
	if refusal := policy.RefusalIn(answer.Err); refusal != nil && at.Sub(d.At) < patientFor {
		// The receiver is down, and was not asked: that is no attempt.
		return store.Postponed(d, refusal.Wait+h.receivers.later(d.URL))
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
	return func() { limit.Leave(); out() }, 0
}
