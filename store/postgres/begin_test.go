package postgres_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"heyq/store"
	"heyq/store/postgres"
	"heyq/store/postgres/postgrestest"
)

// Closing the gate skips a row that another transaction holds at this moment,
// so a queued row can keep its slot. It must not begin all the same.
func TestBegin_closedGate_real(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	s, conn, ctx := open(t, url), connect(t, url), t.Context()
	if _, err := s.CreateVideos(ctx, store.Creation{Videos: []store.NewVideo{newVideo()}}); err != nil {
		t.Fatal(err)
	}
	claims, err := s.Admit(ctx, 1)
	if err != nil || len(claims) != 1 {
		t.Fatalf("admitted %v, %v", claims, err)
	}
	if _, err := conn.Exec(ctx, `BEGIN; SELECT FROM videos FOR UPDATE`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.PauseAdmission(ctx, "test"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(ctx, `COMMIT`); err != nil {
		t.Fatal(err)
	}
	if runs, err := s.Begin(ctx, store.Create, claims); err != nil || len(runs) > 0 {
		t.Errorf("begun through a closed gate: %v, %v", runs, err)
	}
	if _, err := s.ResumeAdmission(ctx); err != nil {
		t.Fatal(err)
	}
	if runs, err := s.Begin(ctx, store.Create, claims); err != nil || len(runs) != 1 {
		t.Errorf("begun after the gate was opened: %v, %v, want one", runs, err)
	}
}

// A render that is adopted is looked for by indexes: reading a million rows took 3.8 s.
func TestAdopt_reads_no_table_real(t *testing.T) {
	t.Parallel()
	s := open(t, postgrestest.URL(t))
	plan, err := s.Plan(t.Context(), postgres.WhoseRender, "hey-1", uuid.Nil)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(plan, "Seq Scan") || !strings.Contains(plan, "videos_heygen_id") || !strings.Contains(plan, "videos_active") {
		t.Errorf("the plan is\n%s", plan)
	}
}

// A worker that starts reads a few of the measurements, however many there are.
func TestRenderTimes_reads_no_table_real(t *testing.T) {
	t.Parallel()
	s := open(t, postgrestest.URL(t))
	plan, err := s.Plan(t.Context(), postgres.RenderTimesOf, 101)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(plan, "Seq Scan") || !strings.Contains(plan, "Index Scan Backward using video_analytics_pkey") {
		t.Errorf("the plan is\n%s", plan)
	}
}

// No way of the protocol grants a claim while a lease lives. Should one be granted all
// the same, it waits until the lease is over: two runners would send.
func TestBegin_beside_a_live_lease_real(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	s, conn, ctx := open(t, url), connect(t, url), t.Context()
	run := begun(t, s)
	next := []store.Claim{{Video: run.Video, Claim: run.Run + 1}}
	if _, err := conn.Exec(ctx, `UPDATE videos SET claim = claim + 1`); err != nil {
		t.Fatal(err)
	}
	if runs, err := s.Begin(ctx, store.Create, next); err != nil || len(runs) > 0 {
		t.Errorf("begun beside a live lease: %v, %v", runs, err)
	}
	if _, err := conn.Exec(ctx, `UPDATE videos SET lease_until = now()`); err != nil {
		t.Fatal(err)
	}
	if runs, err := s.Begin(ctx, store.Create, next); err != nil || len(runs) != 1 {
		t.Errorf("begun after the lease: %v, %v, want one", runs, err)
	}
}
