package main

import (
	"io"
	"net"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"heyq/heygen/simulator"
	"heyq/internal/testkit"
)

// A machine that has IPv6 only: every address that heyq is given, and the one that it
// serves, is one of IPv6.
func TestE2E_ipv6_only_real(t *testing.T) {
	t.Parallel()
	sim, err := simulator.New(simulator.Options{RenderTime: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	heygen := httptest.NewUnstartedServer(sim)
	_ = heygen.Listener.Close()
	heygen.Listener = listenIPv6(t)
	heygen.Start()
	t.Cleanup(heygen.Close)

	postgres := testkit.StartPostgres(t)
	database, err := postgres.CreateDatabase(t.Context(), "heyq", "")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	api := serve(t, []string{
		"DATABASE_URL=" + overIPv6(t, database), "REDIS_URL=" + overIPv6(t, testkit.Redis(t)) + "/0",
		"HEYGEN_API_KEY=key", "HEYGEN_API_URL=" + heygen.URL, "HEYQ_OPERATOR_TOKEN=" + testToken,
		"HEYQ_DIR=" + dir, "HEYQ_MEDIA_URL=file://" + filepath.Join(dir, "media"), "HEYQ_POLL_INTERVAL=100ms",
	}, "API ", "up", "--addr", "[::1]:0")
	if at, err := url.Parse(api); err != nil || at.Hostname() != "::1" {
		t.Fatalf("the API is at %s (%v), want an address of IPv6", api, err)
	}
	user := operatorOf(api)
	heyq(t, user, "videos", "create", "--script", "Hello there", "--avatar-id", "avatar_1", "--voice-id", "voice_1").wantOK(t)
	heyq(t, user, "videos", "watch").wantOK(t)
	heyq(t, user, "videos", "list", "--state", "completed").wantOK(t).want(t, 0, "completed")
	heyq(t, user, "ready").wantOK(t)
}

func listenIPv6(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Fatalf("this machine has no loopback of IPv6: %v", err)
	}
	return listener
}

// overIPv6 is raw, whose host has an address of IPv4, by one of IPv6 that leads there.
func overIPv6(t *testing.T, raw string) string {
	t.Helper()
	to, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	target := to.Host
	listener := listenIPv6(t)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			in, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer in.Close()
				out, err := net.Dial("tcp", target)
				if err != nil {
					return
				}
				defer out.Close()
				go func() {
					_, _ = io.Copy(out, in)
					_ = out.Close()
				}()
				_, _ = io.Copy(in, out)
			}()
		}
	}()
	to.Host = listener.Addr().String()
	return to.String()
}
