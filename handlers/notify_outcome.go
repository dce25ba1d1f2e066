package handlers

import (
	"errors"
	"net/http"
	"time"

	"heyq/internal/netguard"
	"heyq/internal/notify"
	"heyq/store"
)

// This file decides what a receiver's answer means for a notification. Its table
// test is the retry specification of outgoing webhooks.

// deliveryEnd is the outcome of a post.
func deliveryEnd(d store.Delivery, a notify.Answer, took time.Duration) store.DeliveryEnd {
	try := store.Try{Status: a.Status, Duration: took, Answer: a.Text}
	if a.Err == nil {
		return store.Delivered(d, try)
	}
	try.Error = told(a.Err)
	wait := retryWait(d.Attempt)
	switch {
	case a.Status == http.StatusGone:
		return store.Undeliverable(d, try)
	case errors.Is(a.Err, netguard.ErrNotPublic), errors.Is(a.Err, notify.ErrUnsigned):
		return store.Undelivered(d, try, max(wait, privateWait))
	case a.Status == http.StatusTooManyRequests, a.Status == http.StatusServiceUnavailable:
		return store.Undelivered(d, try, max(wait, min(a.RetryAfter, mostRetryAfter)))
	default:
		return store.Undelivered(d, try, wait)
	}
}

// deliveryFailed is the outcome of a delivery that failed before anything was posted.
func deliveryFailed(d store.Delivery, err error, took time.Duration) store.DeliveryEnd {
	return deliveryEnd(d, notify.Answer{Err: err}, took)
}

// told is an error as the delivery log says it: with the remedy, if one is in
// our hands.
func told(err error) string {
	switch {
	case errors.Is(err, netguard.ErrNotPublic):
		return err.Error() + "; set HEYQ_NOTIFY_ALLOW_PRIVATE=true to deliver there all the same"
	case errors.Is(err, notify.ErrUnsigned):
		return err.Error() + "; set HEYQ_NOTIFY_SECRET"
	}
	return err.Error()
}
