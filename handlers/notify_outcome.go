package handlers

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"heyq/internal/netguard"
	"heyq/internal/notify"
	"heyq/store"
)

// This file decides what a receiver's answer means for a notification. Its table
// test is the retry specification of outgoing webhooks.

// retries are the waits after the first failures; the last one repeats until the
// notification expires.
var retries = []time.Duration{
	5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 2 * time.Hour,
}

const (
	mostRetryAfter = time.Hour // what a receiver may ask for
	privateWait    = time.Hour // an address that is not public may become so, but not soon
)

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

// deliveryFailed is the outcome of a delivery that did not come to a post.
func deliveryFailed(d store.Delivery, err error, took time.Duration) store.DeliveryEnd {
	return deliveryEnd(d, notify.Answer{Err: err}, took)
}

// retryWait spreads by a fifth either way: what failed together does not come
// back together.
func retryWait(attempt int) time.Duration {
	wait := retries[min(attempt, len(retries)-1)]
	return wait + time.Duration((rand.Float64()-0.5)*0.4*float64(wait))
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
