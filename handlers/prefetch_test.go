package handlers

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/uuid"

	"heyq/jobs"
	"heyq/store"
)

func (b *bench) downloadPrefetched(ctx context.Context, claims []store.Claim, do oneVideo) error {
	return b.runVideos(ctx, jobs.VideoTask{Videos: claims}, recipe{step: store.Download, queue: jobs.DownloadQueue, one: do, prefetch: true})
}

func TestRunVideos_prefetched_hands_waiting_videos_back_when_it_drains(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil, limited(2))
		claims := b.store.addMany(5, store.Downloading)
		c := newCalls(downloaded)
		var done sync.WaitGroup
		done.Go(func() {
			if err := b.downloadPrefetched(t.Context(), claims, c.recipe); err != nil {
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
		if err := b.downloadPrefetched(t.Context(), late, c.recipe); err != nil {
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
			if err := b.downloadPrefetched(t.Context(), claims, c.recipe); err != nil {
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
