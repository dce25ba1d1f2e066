package handlers_test

import (
	"encoding/json"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"heyq/jobs"
	"heyq/store"
)

// Every delivery of a task beyond the first must do nothing, however closely
// they come together: a create would be sent twice under one key, and both
// would take a refusal for proof.
func TestDuplicate_deliveries_send_one_create_real(t *testing.T) {
	t.Parallel()
	const videos, deliveries = 3, 3 // all of them find a place at once
	p := newStill(t, videos, time.Hour)
	list := make([]jobs.NewVideo, videos)
	for i := range list {
		list[i] = jobs.NewVideo{Render: jobs.Render{Script: "Hello Ada", AvatarID: "avatar_1"}}
	}
	if _, err := p.client.CreateVideos(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	claims, err := p.store.Admit(t.Context(), videos)
	if err != nil || len(claims) != videos {
		t.Fatalf("%d were admitted, %v", len(claims), err)
	}
	var all sync.WaitGroup
	for range deliveries {
		all.Go(func() {
			// Each names every claim twice, so that some meet within a flush.
			if err := p.handlers.ProcessTask(t.Context(), createTask(t, slices.Concat(claims, claims))); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	ledger := p.simulator.Ledger()
	if ledger.Accepted != videos || ledger.Calls["create"] != videos {
		t.Errorf("%d creates and %d renders for %d videos", ledger.Calls["create"], ledger.Accepted, videos)
	}
	counts, err := p.store.Counts(t.Context())
	if err != nil || counts[store.Rendering] != videos {
		t.Errorf("counts are %v, %v", counts, err)
	}
}

func createTask(t *testing.T, claims []store.Claim) *asynq.Task {
	t.Helper()
	payload, err := json.Marshal(jobs.VideoTask{Videos: claims})
	if err != nil {
		t.Fatal(err)
	}
	return asynq.NewTask(jobs.VideoCreate.Name, payload)
}
