package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"heyq/heygen/simulator"
	"heyq/internal/testkit"
)

// A network that lets out nothing but what an egress proxy carries: the names of
// HeyGen, of its file host and of a receiver lead nowhere else, and a private CA made
// out their certificates.
func TestE2E_egress_proxy(t *testing.T) {
	t.Parallel()
	account, err := simulator.New(simulator.Options{RenderTime: 50 * time.Millisecond, PublicURL: "https://files.heyq.test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = account.Close() })
	certificates := testkit.NewCertificates(t)
	behindTLS := func(handler http.Handler) string {
		server := httptest.NewUnstartedServer(handler)
		if server.TLS, err = certificates.Config(); err != nil {
			t.Fatal(err)
		}
		server.StartTLS()
		t.Cleanup(server.Close)
		return server.Listener.Addr().String()
	}
	var told atomic.Int32
	heygen := behindTLS(account)
	proxy := testkit.StartProxy(t, map[string]string{
		"api.heyq.test:443": heygen, "files.heyq.test:443": heygen,
		"receiver.heyq.test:443": behindTLS(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { told.Add(1) })),
	})
	dir := t.TempDir()
	c := startProcess(t, []string{ // Go reads these variables once in a process
		"HTTPS_PROXY=" + proxy.URL, "SSL_CERT_DIR=" + filepath.Dir(certificates.CA), "HEYQ_DIR=" + dir,
		"HEYGEN_API_KEY=key", "HEYGEN_API_URL=https://api.heyq.test", "HEYQ_OPERATOR_TOKEN=" + testToken,
		"HEYQ_POLL_INTERVAL=100ms",
	}, "up", "--addr", "127.0.0.1:0")
	_, at, _ := strings.Cut(c.waitFor(t, "API "), "API ")
	user := operatorOf(strings.Fields(at)[0])
	heyq(t, user, "videos", "create", "--script", "Hello there", "--avatar-id", "avatar_1", "--voice-id", "voice_1",
		"--notify-url", "https://receiver.heyq.test/told").wantOK(t)
	heyq(t, user, "videos", "watch").wantOK(t)
	heyq(t, user, "videos", "list", "--state", "completed").wantOK(t).want(t, 0, "completed")
	testkit.Eventually(t, func() error {
		if told.Load() == 0 {
			return errors.New("the receiver was not told")
		}
		return nil
	})
	for _, host := range []string{"api", "files", "receiver"} {
		if name := "CONNECT " + host + ".heyq.test:443"; !slices.Contains(proxy.Asked(), name) {
			t.Errorf("the proxy was never asked to %s: %v", name, proxy.Asked())
		}
	}
}
