package notify

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"heyq/internal/policy"
)

func TestPost_leaves_a_receiver_alone_that_is_down(t *testing.T) {
	t.Parallel()
	for status, opens := range map[int]bool{204: false, 404: false, 410: false, 429: false, 500: true, 503: true} {
		var asked atomic.Int32
		address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			asked.Add(1)
			w.WriteHeader(status)
		})
		client := newTestClient(t, func(o *Options) { o.Hosts = policy.New(policy.Options{Failures: 2}).Hosts("receivers") })
		var last Answer
		for range 3 {
			last = client.Post(t.Context(), address, "msg", time.Now(), []byte("{}"))
		}
		if refused := policy.RefusalIn(last.Err) != nil; refused != opens || refused && (last.Status != 0 || asked.Load() != 2) {
			t.Errorf("%d: the third post is %+v, after %d that arrived", status, last, asked.Load())
		}
	}
}

// An address that may not be posted to was not called: no host is down.
func TestPost_does_not_take_a_private_address_for_down(t *testing.T) {
	t.Parallel()
	client := newTestClient(t, func(o *Options) {
		o.Private, o.Hosts = false, policy.New(policy.Options{Failures: 1}).Hosts("receivers")
	})
	for range 3 {
		if a := client.Post(t.Context(), "https://127.0.0.1:1/", "msg", time.Now(), []byte("{}")); policy.RefusalIn(a.Err) != nil {
			t.Fatal(a.Err)
		}
	}
}
