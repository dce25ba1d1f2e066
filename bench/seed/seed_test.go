package seed_test

import (
	"testing"

	"heyq/bench/seed"
	"heyq/store"
	"heyq/store/sqlite/sqlitetest"
)

func TestSeed(t *testing.T) {
	t.Parallel()
	db := sqlitetest.Open(t)
	const failed, completed, inReview = 507, 3, 2 // more than one batch
	if err := seed.Failed(t.Context(), db, failed, failed); err != nil {
		t.Fatal(err)
	}
	if err := seed.Completed(t.Context(), db, completed, completed); err != nil {
		t.Fatal(err)
	}
	if err := seed.InReview(t.Context(), db, inReview, inReview); err != nil {
		t.Fatal(err)
	}
	reviews, err := db.Jobs(t.Context(), store.JobFilter{Kind: store.VideoJob, Code: store.NeedsReview}, 10)
	if err != nil || len(reviews) != inReview {
		t.Errorf("in review are %+v (%v), want %d", reviews, err, inReview)
	}
	counts, err := db.CountJobs(t.Context(), store.JobFilter{Kind: store.VideoJob, Code: "link_expired"})
	if err != nil {
		t.Fatal(err)
	}
	if len(counts) != 1 || counts[0].Jobs != failed || counts[0].Step != store.Download || counts[0].Way != store.WayResume {
		t.Errorf("seeded %+v, want %d failed downloads", counts, failed)
	}
	states, err := db.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(states) != 2 || states[store.Completed] != completed || states[store.Failed] != failed+inReview {
		t.Errorf("seeded %v", states)
	}
	usd, err := db.Spent(t.Context())
	if err != nil || usd != completed {
		t.Errorf("spent %v (%v), want %d", usd, err, completed)
	}
}
