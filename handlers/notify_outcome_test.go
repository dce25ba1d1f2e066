package handlers

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"heyq/internal/netguard"
	"heyq/internal/notify"
	"heyq/store"
)

// This table is the retry specification of outgoing webhooks.
func TestDeliveryEnd(t *testing.T) {
	t.Parallel()
	type end func(store.Delivery, store.Try) store.DeliveryEnd
	again := func(wait time.Duration) end {
		return func(d store.Delivery, try store.Try) store.DeliveryEnd { return store.Undelivered(d, try, wait) }
	}
	status := func(n int, wait time.Duration) notify.Answer {
		return notify.Answer{Status: n, RetryAfter: wait, Text: "words", Err: fmt.Errorf("it answered %d", n)}
	}
	private := notify.Answer{Err: fmt.Errorf("dial tcp: %w: 127.0.0.1", netguard.ErrNotPublic)}
	const s, m, h = time.Second, time.Minute, time.Hour
	for _, c := range []struct {
		name    string
		attempt int
		answer  notify.Answer
		want    end
		told    string
	}{
		{"200", 0, notify.Answer{Status: 200}, store.Delivered, ""},
		{"204 at last", 17, notify.Answer{Status: 204}, store.Delivered, ""},

		{"500", 0, status(500, 0), again(5 * s), "it answered 500"},
		{"500 again", 1, status(500, 0), again(15 * s), "it answered 500"},
		{"400: a receiver may be mended", 2, status(400, 0), again(m), "it answered 400"},
		{"401", 3, status(401, 0), again(5 * m), "it answered 401"},
		{"404", 4, status(404, 0), again(15 * m), "it answered 404"},
		{"a redirect that is not followed", 5, status(302, 0), again(h), "it answered 302"},
		{"a timeout", 6, notify.Answer{Err: errOther}, again(2 * h), "something else"},
		{"and so on", 1000, notify.Answer{Err: errOther}, again(2 * h), "something else"},

		{"410 is its last word", 0, status(410, 0), store.Undeliverable, "it answered 410"},
		{"429 asks for less", 2, status(429, s), again(m), "it answered 429"},
		{"429 asks for more", 0, status(429, 10*m), again(10 * m), "it answered 429"},
		{"503 asks for a day", 0, status(503, 24*h), again(h), "it answered 503"},
		{"500 asks for a day", 0, status(500, 24*h), again(5 * s), "it answered 500"},

		{"not public", 0, private, again(h), "dial tcp: not a public address: 127.0.0.1; set HEYQ_NOTIFY_ALLOW_PRIVATE=true to deliver there all the same"},
		{"not public, again and again", 9, private, again(2 * h), "dial tcp: not a public address: 127.0.0.1; set HEYQ_NOTIFY_ALLOW_PRIVATE=true to deliver there all the same"},
		{"no secret", 0, notify.Answer{Err: notify.ErrUnsigned}, again(h), "there is no secret to sign with; set HEYQ_NOTIFY_SECRET"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := store.Delivery{ID: uuid.New(), Run: 7, Attempt: c.attempt}
			try := store.Try{Status: c.answer.Status, Duration: s, Error: c.told, Answer: c.answer.Text}
			compare(t, "outcome", deliveryEnd(d, c.answer, s), c.want(d, try), spread)
		})
	}
}
