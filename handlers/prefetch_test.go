package handlers

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"heyq/jobs"
	"heyq/store"
)

func (b *bench) downloadPrefetched(t *testing.T, claims []store.Claim, do oneVideo) error {
	return b.runVideos(t.Context(), jobs.VideoTask{Videos: claims}, recipe{step: store.Download, queue: jobs.DownloadQueue, one: do, prefetch: true})
}

func TestRunVideos_prefetched_keeps_every_place_busy_and_no_more(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const limit, tasks, videos = 4, 3, 8
		b := newBench(t, nil, limited(limit))
		c := newCalls(downloaded)
		start := time.Now()
		var done sync.WaitGroup
		var claims []store.Claim
		for range tasks {
			list := b.store.addMany(videos, store.Downloading)
			claims = append(claims, list...)
			done.Go(func() {
				if err := b.downloadPrefetched(t, list, c.recipe); err != nil {
					t.Error(err)
				}
			})
		}
		done.Wait()
		if c.most != limit {
			t.Errorf("%d calls were in flight, want %d", c.most, limit)
		}
		if took, want := time.Since(start), tasks*videos/limit*callTime; took != want {
			t.Errorf("took %s, want %s: a place was idle", took, want)
		}
		compare(t, "states", b.store.states(claims), all(store.Completed, tasks*videos))
		compare(t, "leases left", len(b.leases.running), 0)
	})
}

func TestRunVideos_prefetched_hands_waiting_videos_back_when_it_drains(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil, limited(2))
		claims := b.store.addMany(5, store.Downloading)
		c := newCalls(downloaded)
		var done sync.WaitGroup
		done.Go(func() {
			if err := b.downloadPrefetched(t, claims, c.recipe); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		b.Drain(t.Context())
		done.Wait()
		compare(t, "calls", len(c.made), 2)
		completed := 0
		for _, state := range b.store.states(claims) {
			if state == store.Completed {
				completed++
			}
		}
		compare(t, "completed", completed, 2)
		compare(t, "leases left", len(b.leases.running), 0)

		late := b.store.addMany(2, store.Downloading)
		if err := b.downloadPrefetched(t, late, c.recipe); err != nil {
			t.Error(err)
		}
		compare(t, "given back late", b.store.unclaimed, late)
	})
}

func TestRunVideos_prefetched_loses_one_lease_alone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil, limited(1))
		claims := b.store.addMany(3, store.Downloading)
		c := newCalls(downloaded)
		var done sync.WaitGroup
		done.Go(func() {
			if err := b.downloadPrefetched(t, claims, c.recipe); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		var waiting uuid.UUID
		for _, claim := range claims {
			if c.made[claim.Video] == 0 {
				waiting = claim.Video
			}
		}
		b.store.steal(waiting)
		if err := b.leases.renew(t.Context()); err != nil {
			t.Fatal(err)
		}
		done.Wait()
		compare(t, "calls for the stolen one", c.made[waiting], 0)
		compare(t, "calls", len(c.made), 2)
	})
}
