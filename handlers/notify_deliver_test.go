package handlers

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"heyq/internal/notify"
	"heyq/internal/policy"
	"heyq/internal/testkit"
	"heyq/jobs"
	"heyq/store"
)

// outbox is a store with deliveries that may begin.
type outbox struct {
	*fakeStore
	mu     sync.Mutex
	begins []store.Delivery
	ends   map[uuid.UUID]store.DeliveryEnd
	err    error
}

func (o *outbox) BeginNotifications(context.Context, []store.NotificationClaim) ([]store.Delivery, error) {
	return o.begins, o.err
}

func (o *outbox) EndNotifications(_ context.Context, ends []store.DeliveryEnd) ([]uuid.UUID, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	ids := make([]uuid.UUID, len(ends))
	for i, e := range ends {
		o.ends[e.ID], ids[i] = e, e.ID
	}
	return ids, nil
}

// states are what became of the deliveries, in their order; "" is no outcome.
func (o *outbox) states() (list []store.NotificationState) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, d := range o.begins {
		list = append(list, o.ends[d.ID].To)
	}
	return list
}

// newOutbox returns handlers with one delivery for each URL.
func newOutbox(t *testing.T, urls ...string) (*outbox, *bench) {
	t.Helper()
	o := &outbox{fakeStore: newFakeStore(), ends: map[uuid.UUID]store.DeliveryEnd{}}
	for _, url := range urls {
		o.begins = append(o.begins, store.Delivery{
			ID: uuid.Must(uuid.NewV7()), Run: 1, Event: "video.cancelled", State: store.Cancelled, URL: url, VideoID: uuid.New(),
		})
	}
	secret := "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 32))
	client, err := notify.New(notify.Options{Secrets: []string{secret}, Private: true, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return o, newBench(t, nil, limited(8), func(options *Options) { options.Store, options.Webhooks = o, client })
}

var anyTask = jobs.NotifyTask{Notifications: []store.NotificationClaim{{Notification: uuid.New(), Claim: 1}}}

func serveHook(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func TestDeliver_tells_every_receiver(t *testing.T) {
	t.Parallel()
	var ids sync.Map
	good := serveHook(t, func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		ids.Store(r.Header.Get("webhook-id"), string(body))
	})
	bad := serveHook(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) })
	o, b := newOutbox(t, good, bad, good, "http://127.0.0.1:1/closed")
	if err := b.deliverNotifications(t.Context(), anyTask); err != nil {
		t.Fatal(err)
	}
	compare(t, "states", o.states(), []store.NotificationState{
		store.NotificationDelivered, store.NotificationFailed, store.NotificationDelivered, store.NotificationPending,
	})
	for _, i := range []int{0, 2} {
		d := o.begins[i]
		body, _ := ids.Load(d.ID.String())
		if text, _ := body.(string); !strings.Contains(text, d.VideoID.String()) {
			t.Errorf("the receiver got %q of %s", text, d.VideoID)
		}
	}
}

// One that hangs takes a few places, and the others of its host an appointment.
func TestDeliver_is_not_held_up_by_who_hangs(t *testing.T) {
	t.Parallel()
	done := make(chan struct{})
	hangs := serveHook(t, func(http.ResponseWriter, *http.Request) { <-done })
	defer close(done)
	var told atomic.Int32
	good := serveHook(t, func(http.ResponseWriter, *http.Request) { told.Add(1) })
	urls := slices.Concat(slices.Repeat([]string{hangs}, 12), slices.Repeat([]string{good}, 12))
	o, b := newOutbox(t, urls...)
	ctx, cancel := context.WithCancel(t.Context())
	finished := make(chan error)
	go func() { finished <- b.deliverNotifications(ctx, anyTask) }()
	testkit.Eventually(t, func() error {
		open := slices.DeleteFunc(o.states(), func(s store.NotificationState) bool { return s != "" })
		if len(open) != placesAtHost {
			return fmt.Errorf("%d have no outcome, want %d", len(open), placesAtHost)
		}
		return nil
	})
	if told.Load() != 12 {
		t.Errorf("%d of 12 were told", told.Load())
	}
	o.mu.Lock()
	for _, d := range o.begins[:12] {
		if e, ended := o.ends[d.ID]; ended && (e.Try != nil || e.Wait < patience) {
			t.Errorf("an appointment is %+v", e)
		}
	}
	o.mu.Unlock()
	cancel() // the worker shuts down: what is under way is handed back
	if err := <-finished; err != nil {
		t.Error(err)
	}
	handedBack := 0
	for _, d := range o.begins[:12] {
		if e := o.ends[d.ID]; e.To == store.NotificationPending && e.Try == nil && e.Wait == 0 {
			handedBack++
		}
	}
	if handedBack != placesAtHost {
		t.Errorf("%d were handed back, want %d", handedBack, placesAtHost)
	}
}

func TestDeliver_begins_nothing_while_it_drains(t *testing.T) {
	t.Parallel()
	url := serveHook(t, func(http.ResponseWriter, *http.Request) { t.Error("told while draining") })
	o, b := newOutbox(t, url)
	b.Drain(t.Context())
	if err := b.deliverNotifications(t.Context(), anyTask); err != nil {
		t.Fatal(err)
	}
	compare(t, "outcome", o.ends[o.begins[0].ID], store.Postponed(o.begins[0], 0))
}

func TestDeliver_survives_a_panic(t *testing.T) {
	t.Parallel()
	o, b := newOutbox(t, "https://example.com")
	b.Webhooks = nil
	if err := b.deliverNotifications(t.Context(), anyTask); err != nil {
		t.Fatal(err)
	}
	if e := o.ends[o.begins[0].ID]; e.To != store.NotificationPending || e.Try == nil || !strings.Contains(e.Try.Error, "panicked") {
		t.Errorf("the outcome is %+v", e)
	}
}

func TestDeliver_says_that_the_store_is_away(t *testing.T) {
	t.Parallel()
	o, b := newOutbox(t)
	o.err = errAway
	if err := b.deliverNotifications(t.Context(), anyTask); err == nil {
		t.Error("a store that is away is no error")
	}
}

// A receiver that is down is not asked, and the delivery loses no attempt by it;
// an event that is old has its tries counted, or it would never expire.
func TestDeliverNotifications_wait_for_a_receiver_that_is_down(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusInternalServerError)
	}))
	t.Cleanup(server.Close)
	hosts := policy.New(policy.Options{Failures: 1}).Hosts("receivers")
	o, b := newOutbox(t, server.URL)
	client, err := notify.New(notify.Options{
		Secrets: []string{"whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 32))}, Private: true, Hosts: hosts,
	})
	if err != nil {
		t.Fatal(err)
	}
	b.Webhooks = client
	deliver := func(age time.Duration) store.DeliveryEnd {
		o.begins[0].BegunAt, o.begins[0].At = time.Now(), time.Now().Add(-age)
		if err := b.deliverNotifications(t.Context(), anyTask); err != nil {
			t.Fatal(err)
		}
		return o.ends[o.begins[0].ID]
	}
	if first := deliver(time.Minute); first.Try == nil || first.Try.Status != 500 {
		t.Errorf("the first delivery is %+v", first)
	}
	if next := deliver(time.Minute); next.Try != nil || next.Wait < 55*time.Second || next.To != store.NotificationPending {
		t.Errorf("the next one is %+v", next)
	}
	if old := deliver(2 * time.Hour); old.Try == nil || !strings.Contains(old.Try.Error, "the breaker of receivers") {
		t.Errorf("an old one is %+v", old)
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("the receiver was asked %d times", n)
	}
}

// secrets is an outbox of users who have secrets, or are to have one.
type secrets struct {
	*outbox
	made map[uuid.UUID]string
}

func (s *secrets) NotifySecret(_ context.Context, user uuid.UUID, fresh string) (store.NotifySecret, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.made == nil {
		return store.NotifySecret{}, store.ErrNoUser(user)
	}
	if s.made[user] == "" {
		s.made[user] = fresh
	}
	return store.NotifySecret{Secret: s.made[user]}, nil
}

// What a receiver is told is signed by the secret of the user whose video it is, and by
// no other's: neither the configured one nor another user's fits.
func TestDeliver_signs_for_one_user(t *testing.T) {
	t.Parallel()
	var signatures sync.Map
	url := serveHook(t, func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		signatures.Store(r.Header.Get("webhook-id"), signed{body, r.Header})
	})
	const operators = "/operators"
	o, b := newOutbox(t, url, url, url, url+operators, url)
	s := &secrets{outbox: o, made: map[uuid.UUID]string{}}
	b.Store, b.NotifyURL = s, url+operators
	configured := "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 32))
	fresh, kept := uuid.New(), []string{notify.NewSecret(), notify.NewSecret()}
	o.begins[0].UserID, o.begins[0].Secrets = uuid.NewString(), kept
	o.begins[1].UserID = store.DefaultUser
	o.begins[2].UserID = fresh.String()
	o.begins[3].UserID, o.begins[3].Secrets = uuid.NewString(), kept
	o.begins[4].UserID = "shop"
	if err := b.deliverNotifications(t.Context(), anyTask); err != nil {
		t.Fatal(err)
	}
	all := append([]string{configured, s.made[fresh]}, kept...)
	for i, want := range [][]string{kept, {configured}, {s.made[fresh]}, {configured}, {configured}} {
		got, _ := signatures.Load(o.begins[i].ID.String())
		for _, secret := range all {
			if fits := got.(signed).by(t, secret); fits != slices.Contains(want, secret) {
				t.Errorf("delivery %d is signed by %s: %t", i, secret, fits)
			}
		}
	}
	if len(s.made) != 1 {
		t.Errorf("%d secrets were made, want 1", len(s.made))
	}

	// A program that uses heyq's jobs may have users of its own, whom heyq knows nothing of.
	s.made = nil
	o.begins = o.begins[2:3]
	if err := b.deliverNotifications(t.Context(), anyTask); err != nil {
		t.Fatal(err)
	}
	if got, _ := signatures.Load(o.begins[0].ID.String()); !got.(signed).by(t, configured) {
		t.Error("a video of whom heyq does not know is not signed by the configured secret")
	}
}

type signed struct {
	body   []byte
	header http.Header
}

func (s signed) by(t *testing.T, secret string) bool {
	t.Helper()
	verifier, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	return verifier.VerifyIgnoringTimestamp(s.body, s.header) == nil
}
