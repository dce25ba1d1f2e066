//go:build linux

package main

import (
	"testing"
	"time"

	"heyq/heygen/simulator"
)

// A worker gets SIGTERM with creates that HeyGen does not answer, downloads that
// do not end, and long lists that wait behind both. Another worker is there to
// take over at once.
func TestE2E_sigterm(t *testing.T) {
	t.Parallel()
	const downloads, creates = 30, 300
	// Nothing of heyq's ends what is held: that takes as long as the machine wants.
	f := newFleet(t, simulator.Options{Concurrency: 1000}, "HEYGEN_CONCURRENCY=1000", "HEYQ_DOWNLOAD_STALL=1h", "HEYQ_CREATE_TIMEOUT=10m")
	conn := f.sql(t)
	slow := f.stall(t)
	slow.files.Store(true)
	_, url := f.startAPI(t)
	old := f.start(t, "worker", slow.environ)
	f.order(t, url, downloads)
	eventually(t, conn, downloads, `SELECT count(*) FROM videos WHERE state = 'downloading' AND lease_until > now()`)
	slow.creates.Store(true)
	f.order(t, url, creates)
	eventually(t, conn, 20, `SELECT count(*) FROM videos WHERE state = 'submitting'`)
	f.start(t, "worker", slow.environ)

	sent := slow.sends()
	took := old.stop(t)
	t.Logf("with %d creates, %d downloads and the lists behind them under way it stopped after %s", sent, downloads, took.Round(time.Millisecond))
	// The other one has begun what was handed back. No lease ran out meanwhile: a
	// row would have lapsed.
	eventually(t, conn, downloads, `SELECT count(*) FROM videos WHERE state = 'downloading' AND lease_until > now()`)
	if n := one[int](t, conn, `SELECT sum(lapses + attempt) FROM videos`); n != 0 {
		t.Errorf("%d attempts were burned", n)
	}
	slow.release()
	f.wantAllOnce(t, conn, downloads+creates)
	if n := slow.overlaps(); n > 0 {
		t.Errorf("%d creates were sent while the same one was still under way", n)
	}
}

// A worker stops in time as well while one of its servers does not answer, and
// what it ran goes on when the server is back.
func TestE2E_sigterm_while_a_server_is_silent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		server func(*fleet) server
	}{
		{"Redis", func(f *fleet) server { return f.redis }},
		{"Postgres", func(f *fleet) server { return f.postgres }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			const n = 10
			f := newFleetAlone(t, simulator.Options{}, "HEYQ_LEASE=5s")
			conn := f.sql(t)
			held := f.stall(t)
			held.creates.Store(true)
			_, url := f.startAPI(t)
			old := f.start(t, "worker", held.environ)
			f.order(t, url, n)
			eventually(t, conn, n, `SELECT count(*) FROM videos WHERE state = 'submitting'`)
			back := silence(t, c.server(f))
			took := old.stop(t)
			t.Logf("without %s it stopped after %s", c.name, took.Round(time.Millisecond))
			back()
			f.start(t, "worker")
			f.wantAllOnce(t, conn, n)
		})
	}
}
