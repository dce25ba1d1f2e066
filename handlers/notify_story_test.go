package handlers

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"heyq/internal/notify"
	"heyq/jobs"
	"heyq/store"
	"heyq/store/sqlite"
	"heyq/store/sqlite/sqlitetest"
)

const storySecret = "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"

// story is the way of notifications from a real store to real receivers, with
// a clock that can be moved.
type story struct {
	*bench
	store  *sqlite.Store
	passed atomic.Int64
}

func newStory(t *testing.T, private bool) *story {
	t.Helper()
	s := &story{}
	db := sqlitetest.Open(t, sqlite.WithClock(func() time.Time {
		return time.Now().Add(time.Duration(s.passed.Load()))
	}))
	client, err := notify.New(notify.Options{Secrets: []string{storySecret}, Private: private, Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	s.store = db
	s.bench = newBench(t, nil, limited(4), func(o *Options) { o.Store, o.Webhooks = db, client })
	return s
}

// cancelled is a video that tells url that it was cancelled.
func (s *story) cancelled(t *testing.T, url string) uuid.UUID {
	t.Helper()
	v := store.NewVideo{ID: uuid.Must(uuid.NewV7()), UserID: "ada", NotifyURL: url, Request: []byte(`{}`)}
	if _, err := s.store.CreateVideos(t.Context(), store.Creation{Videos: []store.NewVideo{v}}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.store.Cancel(t.Context(), store.Everyone(), v.ID); err != nil {
		t.Fatal(err)
	}
	return v.ID
}

// deliver does what is due, and returns how many notifications that was.
func (s *story) deliver(t *testing.T) int {
	t.Helper()
	claims, err := s.store.ClaimNotifications(t.Context(), 100)
	if err != nil || len(claims) == 0 {
		return 0
	}
	if err := s.deliverNotifications(t.Context(), jobs.NotifyTask{Notifications: claims}); err != nil {
		t.Fatal(err)
	}
	return len(claims)
}

func (s *story) only(t *testing.T, video uuid.UUID) store.Notification {
	t.Helper()
	list, err := s.store.Notifications(t.Context(), store.Everyone(), video)
	if err != nil || len(list) != 1 {
		t.Fatalf("%d notifications, %v; want 1", len(list), err)
	}
	return list[0]
}

func TestStory_a_receiver_that_fails_three_times(t *testing.T) {
	t.Parallel()
	verifier, err := standardwebhooks.NewWebhook(storySecret)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	url := serveHook(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if err := verifier.Verify(body, r.Header); err != nil {
			t.Error(err)
		}
		if ids = append(ids, r.Header.Get("webhook-id")); len(ids) <= 3 {
			http.Error(w, "not now", http.StatusInternalServerError)
		}
	})
	s := newStory(t, true)
	video := s.cancelled(t, url)
	for _, wait := range []time.Duration{0, 7 * time.Second, 20 * time.Second, 80 * time.Second} {
		s.passed.Add(int64(wait))
		if n := s.deliver(t); n != 1 {
			t.Fatalf("%d deliveries after %s, want 1", n, wait)
		}
		if n := s.deliver(t); n != 0 {
			t.Fatalf("delivered again at once")
		}
	}
	n := s.only(t, video)
	if n.State != store.NotificationDelivered || len(n.Tries) != 4 || n.Tries[2].Answer != "not now" || n.Tries[3].Error != "" {
		t.Errorf("ended as %+v", n)
	}
	if !slices.Equal(ids, slices.Repeat([]string{n.ID.String()}, 4)) {
		t.Errorf("the ids were %v, want %s each time", ids, n.ID)
	}
}

func TestStory_a_receiver_that_is_away_for_good(t *testing.T) {
	t.Parallel()
	s := newStory(t, true)
	video := s.cancelled(t, "http://127.0.0.1:1/closed")
	tries, n := 0, s.only(t, video)
	for n.State == store.NotificationPending && time.Duration(s.passed.Load()) < 24*time.Hour {
		due := time.Until(n.DueAt)
		s.passed.Store(int64(due - time.Second))
		if early := s.deliver(t); early > 0 {
			t.Fatalf("delivered before it was due, after %s", due)
		}
		s.passed.Store(int64(due))
		tries += s.deliver(t)
		n = s.only(t, video)
	}
	if n.State != store.NotificationFailed || tries < 14 || tries > 20 || !strings.Contains(n.Tries[0].Error, "connection refused") {
		t.Errorf("tried %d times, ended as %s after %+v", tries, n.State, n.Tries[0])
	}
}

func TestStory_a_receiver_that_hangs(t *testing.T) {
	t.Parallel()
	done := make(chan struct{})
	hangs := serveHook(t, func(http.ResponseWriter, *http.Request) { <-done })
	defer close(done)
	s := newStory(t, true)
	video := s.cancelled(t, hangs)
	s.deliver(t)
	if n := s.only(t, video); n.State != store.NotificationPending || !strings.Contains(n.Tries[0].Error, "did not answer in time") {
		t.Errorf("it is %s after %+v", n.State, n.Tries)
	}
}

// None of these receivers may be reached, and the log says why.
func TestStory_receivers_at_home(t *testing.T) {
	t.Parallel()
	s := newStory(t, false)
	home := serveHook(t, func(http.ResponseWriter, *http.Request) { t.Error("a private receiver was reached") })
	port := home[strings.LastIndex(home, ":"):]
	videos := map[string]uuid.UUID{}
	for _, url := range []string{"https://localhost" + port, "https://127.0.0.1" + port, "https://[::1]" + port} {
		videos[url] = s.cancelled(t, url)
	}
	s.deliver(t)
	for url, video := range videos {
		n := s.only(t, video)
		if len(n.Tries) != 1 || !strings.Contains(n.Tries[0].Error, "not a public address") {
			t.Errorf("%s: %+v", url, n.Tries)
		}
		if wait := time.Until(n.DueAt); n.State != store.NotificationPending || wait < 40*time.Minute {
			t.Errorf("%s: %s, tried again in %s", url, n.State, wait)
		}
	}
}
