package handlers

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"heyq/internal/fault"
	"heyq/internal/logkey"
	"heyq/internal/notify"
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
	var all fanOut
	for _, d := range deliveries {
		all.run(func() error { return h.deliverOne(ctx, &d) })
	}
	return all.wait()
}

// deliverOne delivers a notification, and writes and tells what came of it.
func (h *Handlers) deliverOne(ctx context.Context, d *store.Delivery) error {
	ctx, a := h.beginOne(ctx, notifyStep, d.VideoID, d.Attempt, d.Origin)
	end := safely(h, func() store.DeliveryEnd { return h.deliver(ctx, *d) }, func(err error, e *zerolog.Event) store.DeliveryEnd {
		about(e, d.VideoID, d.Origin).Stringer(logkey.Notification, d.ID).Msg(panicLine)
		return deliveryFailed(*d, err, time.Since(a.start))
	})
	err := h.writes.endDelivery(ctx, end)
	h.endDelivery(a, d, &end, err)
	return err
}

// deliver posts one notification, in its turn. A crash before the outcome is
// written delivers it again, under the same id.
func (h *Handlers) deliver(ctx context.Context, d store.Delivery) store.DeliveryEnd {
	began := time.Now()
	leave, wait := h.turnAt(ctx, d.URL)
	if leave == nil {
		return store.Postponed(d, wait)
	}
	defer leave()
	body, err := jobs.EncodeEvent(d, h.Links.Of)
	if err != nil {
		return deliveryFailed(d, err, time.Since(began))
	}
	webhooks, err := h.signing(ctx, d)
	if err != nil {
		return deliveryFailed(d, err, time.Since(began))
	}
	start := time.Now()
	// Receivers refuse what was signed at another time than theirs, and this
	// process's clock may be off: the database's is what all agree on.
	at := d.BegunAt.Add(time.Since(began))
	postCtx, span := h.Tracer.Start(ctx, "webhook")
	answer := webhooks.Post(postCtx, d.URL, d.ID.String(), at, body)
	span.HTTP(http.MethodPost, "", answer.Status).Failed(plain(answer.Err)).End()
	if answer.Err != nil && ctx.Err() != nil { // the worker shuts down
		return store.Postponed(d, 0)
	}
	if refusal := policy.RefusalIn(answer.Err); refusal != nil && at.Sub(d.At) < patientFor {
		// The receiver is down, and was not asked: that is no attempt.
		return store.Postponed(d, refusal.Wait+h.hosts.later(d.URL))
	}
	return deliveryEnd(d, answer, time.Since(start))
}

// signing returns what posts a delivery, with the secrets that its receiver can know: the
// user's own, or the configured ones of the operator's receiver and of videos that are no
// user's.
func (h *Handlers) signing(ctx context.Context, d store.Delivery) (*notify.Client, error) {
	user, err := uuid.Parse(d.UserID)
	if err != nil || d.URL == h.NotifyURL {
		return h.Webhooks, nil
	}
	if len(d.Secrets) == 0 { // the first one makes it
		made, err := h.Store.NotifySecret(ctx, user, notify.NewSecret())
		if fault.CodeOf(err) == fault.NotFound {
			return h.Webhooks, nil
		}
		if err != nil {
			return nil, err
		}
		d.Secrets = []string{made.Secret}
	}
	return h.Webhooks.With(d.Secrets)
}

// turnAt waits for a place at the receiver and then for one of the queue's, not
// longer than the receivers' patience. leave is nil if there is none; wait
// says when to ask again.
func (h *Handlers) turnAt(ctx context.Context, url string) (leave func(), wait time.Duration) {
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	out, wait := h.hosts.enter(patient, url)
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
