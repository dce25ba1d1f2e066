package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"heyq/internal/notify"
	"heyq/internal/testkit"
	"heyq/jobs"
	"heyq/store"
)

// Every end is told, though Redis forgets the tasks in the middle.
func TestNotifications_survive_a_wiped_Redis_real(t *testing.T) {
	t.Parallel()
	const n = 400
	var mu sync.Mutex
	ids := map[string]int{}
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		ids[r.Header.Get("webhook-id")]++
	}))
	t.Cleanup(receiver.Close)

	p := newStill(t, 1, time.Second)
	var err error
	p.handlers.Webhooks, err = notify.New(notify.Options{Secrets: []string{"whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}, Private: true})
	if err != nil {
		t.Fatal(err)
	}
	client := jobs.NewClient(p.store, jobs.WithNotifyRules(jobs.NotifyRules{URL: receiver.URL, Private: true}))
	list := make([]jobs.NewVideo, n)
	for i := range list {
		list[i] = jobs.NewVideo{Render: jobs.Render{Script: "Hello Ada", AvatarID: "avatar_1"}}
	}
	videos, err := client.CreateVideos(t.Context(), list)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range videos {
		if _, _, err := client.Cancel(t.Context(), store.Everyone(), v.ID); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.dispatcher.Pass(t.Context()); err != nil { // all of them wait in Redis
		t.Fatal(err)
	}
	if err := p.redis.FlushAll(context.Background()).Err(); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	p.run(t)
	testkit.Eventually(t, func() error {
		mu.Lock()
		defer mu.Unlock()
		if len(ids) != n {
			return fmt.Errorf("%d of %d were told", len(ids), n)
		}
		return nil
	})
	t.Logf("%d notifications in %s", n, time.Since(start))
	mu.Lock()
	defer mu.Unlock()
	for id, times := range ids {
		if times != 1 {
			t.Errorf("%s was told %d times, and no worker died", id, times)
		}
	}
}
