//go:build linux

package main

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"heyq/heygen/simulator"
)

// A worker dies by kill -9 with creates that it has sent, and lists of more
// that it holds. Another one begins all of them as soon as the leases are over,
// long before asynq would notice. HEYQ_TEST_LEASE and HEYQ_TEST_VIDEOS scale
// it; the figures of docs/reliability.md are of 20s and 400.
func TestE2E_workerDies(t *testing.T) {
	t.Parallel()
	lease := testDuration(t, "HEYQ_TEST_LEASE", 4*time.Second)
	n := int(testNumber(t, "HEYQ_TEST_VIDEOS", 200))
	f, conn, dying, _ := twoWorkers(t, lease, n)

	died := one[time.Time](t, conn, `SELECT clock_timestamp()`)
	dying.kill()
	within := lease + 5*time.Second
	f.wantAllOnce(t, conn, n)
	took := beganAfter(t, conn, died)
	if len(took) != n {
		t.Errorf("%d of %d videos began elsewhere", len(took), n)
	}
	p99 := took[len(took)*99/100]
	t.Logf("%d videos of a worker with leases of %s began elsewhere after its death: p50 %s, p99 %s, max %s",
		len(took), lease, took[len(took)/2], p99, took[len(took)-1])
	if p99 > within {
		t.Errorf("p99 is %s, want at most %s", p99, within)
	}
}

// A worker that was stopped for longer than its leases wakes up. What it still
// has in its hands changes nothing, and what it has not sent it does not send.
func TestE2E_workerSleeps(t *testing.T) {
	t.Parallel()
	const n = 120
	f, conn, sleeping, held := twoWorkers(t, 4*time.Second, n)
	sleeping.signal(t, syscall.SIGSTOP)
	f.wantAllOnce(t, conn, n)
	before := rows(t, conn)
	sent := held.sends()

	held.release() // the answers that it never read are there when it wakes
	sleeping.signal(t, syscall.SIGCONT)
	sleeping.stop(t)
	if after := rows(t, conn); !slices.Equal(before, after) {
		t.Errorf("it changed rows that were somebody else's:\n%v\n%v", before, after)
	}
	if again := held.sends(); again != sent {
		t.Errorf("it sent %d creates after it woke up", again-sent)
	}
	if accepted := f.simulator.Ledger().Accepted; accepted != n {
		t.Errorf("%d renders were billed for %d videos", accepted, n)
	}
}

// twoWorkers starts two workers, of which the first has all n videos: half of
// them sent, half of them held in lists.
func twoWorkers(t *testing.T, lease time.Duration, n int) (f *fleet, conn *pgx.Conn, first *child, held *stall) {
	t.Helper()
	slots := fmt.Sprintf("HEYGEN_CONCURRENCY=%d", 2*n)
	f = newFleet(t, simulator.Options{Concurrency: 2 * n}, slots, "HEYQ_LEASE="+lease.String())
	conn = f.sql(t)
	held = f.stall(t)
	held.creates.Store(true)
	_, url := f.startAPI(t)
	first = f.start(t, "worker", held.environ, fmt.Sprintf("HEYQ_CREATE_CONCURRENCY=%d", n/2))
	f.order(t, url, n)
	eventually(t, conn, n/2, `SELECT count(*) FROM videos WHERE state = 'submitting'`)
	eventually(t, conn, n, `SELECT count(*) FROM videos WHERE slot AND due_at <= now() + $1 * interval '1 s'`, lease.Seconds())
	f.start(t, "worker", fmt.Sprintf("HEYQ_CREATE_CONCURRENCY=%d", n))
	// It takes nothing of the first one's, for longer than a lease.
	start := time.Now()
	for ticker := time.NewTicker(50 * time.Millisecond); time.Since(start) < lease+2*time.Second; <-ticker.C {
		if began := one[int](t, conn, `SELECT count(*) FROM videos WHERE run > 0`); began != n/2 {
			t.Fatalf("%d videos began, want %d: some were taken from a worker that lives", began, n/2)
		}
	}
	return f, conn, first, held
}

// beganAfter returns how long after an instant each video that was then sent or
// held was last begun as a create, from the shortest to the longest.
func beganAfter(t *testing.T, conn *pgx.Conn, at time.Time) []time.Duration {
	t.Helper()
	found, err := conn.Query(t.Context(), `SELECT extract(epoch FROM sent_at - $1)::float8 FROM videos WHERE sent_at > $1 ORDER BY 1`, at)
	if err != nil {
		t.Fatal(err)
	}
	seconds, err := pgx.CollectRows(found, pgx.RowTo[float64])
	if err != nil {
		t.Fatal(err)
	}
	took := make([]time.Duration, len(seconds))
	for i, s := range seconds {
		took[i] = time.Duration(s * float64(time.Second)).Round(10 * time.Millisecond)
	}
	return took
}

// rows is what the protocol knows of every video.
func rows(t *testing.T, conn *pgx.Conn) []string {
	t.Helper()
	return strings.Split(one[string](t, conn, `
		SELECT string_agg(format('%s %s %s %s %s %s', id, state, claim, run, sends, media_prefix), E'\n' ORDER BY id) FROM videos`), "\n")
}
