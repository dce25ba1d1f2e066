package handlers_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"heyq/heygen/simulator"
	"heyq/internal/testkit"
	"heyq/store"
)

// Whatever a whole backlog meets at HeyGen, none of its videos fails of it. Few
// are sent while it lasts, and no operator has to open the gate afterwards.
func TestRefusals_fail_no_backlog_real(t *testing.T) {
	t.Parallel()
	for fault, c := range map[string]struct {
		reason string
		failed int // at most: how equal refusals show
	}{
		"unscoped":  {"heygen answered 403 forbidden: This API [redacted] does not have the scope videos:write.", 0}, // its key is "key"
		"edge":      {"5 videos in a row met the same: what stands before HeyGen: heygen answered 403 forbidden: 403 Forbidden 403 Forbidden", 0},
		"odd_error": {`5 videos in a row met the same: heygen answered 400 invalid_parameter: {"detail":"The scene has no background.","type":"validation"}`, store.MostEqual - 1},
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			const n, slots = 60, 10
			p := newStill(t, slots, 50*time.Millisecond)
			err := p.simulator.SetFaults(simulator.Faults{Rules: []simulator.Rule{{On: "create", Fault: fault}}})
			if err != nil {
				t.Fatal(err)
			}
			p.order(t, n)
			p.run(t)
			testkit.Eventually(t, func() error {
				gate, err := p.store.Admission(t.Context())
				if err == nil && gate != (store.Admission{State: store.Stopped, Reason: c.reason}) {
					err = fmt.Errorf("admission is %+v", gate)
				}
				return err
			})
			// The gate tries another one while all is still refused.
			sent := p.simulator.Ledger().Calls["create"]
			testkit.Eventually(t, func() error {
				p.skipWaits(t)
				if now := p.simulator.Ledger().Calls["create"]; now == sent {
					return fmt.Errorf("%d creates were sent, and no other video is tried", now)
				}
				return nil
			})
			counts, err := p.store.Counts(t.Context())
			if err != nil || counts[store.Failed] > c.failed {
				t.Errorf("%v, %v; want at most %d failed", counts, err, c.failed)
			}
			if err := p.simulator.SetFaults(simulator.Faults{}); err != nil {
				t.Fatal(err)
			}
			testkit.Eventually(t, func() error {
				p.skipWaits(t)
				counts, err := p.store.Counts(t.Context())
				if err == nil && (counts[store.Failed] > c.failed || counts[store.Completed]+counts[store.Failed] < n) {
					err = fmt.Errorf("%v", counts)
				}
				return err
			})
			if l := p.simulator.Ledger(); l.Accepted != n-c.failed {
				t.Errorf("%d renders were accepted, want %d", l.Accepted, n-c.failed)
			}
		})
	}
}

// skipWaits ends the wait for the next probe, and that of each video which is not on
// its way: the database's clock cannot be moved, and no test waits for its minutes.
func (p *pipeline) skipWaits(t *testing.T) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), p.database)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	_, err = conn.Exec(t.Context(), `
		UPDATE admission SET probe_at = now() WHERE probe_at > now();
		UPDATE videos SET due_at = now() WHERE state IN ('queued', 'submitting') AND run >= claim AND lease_until IS NULL AND due_at > now()`)
	if err != nil {
		t.Fatal(err)
	}
}
