package media

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"heyq/internal/testkit"
)

// TestFetch_behind_a_proxy fetches in a process of its own, since Go reads HTTPS_PROXY
// and the certificates that it trusts once. The names lead nowhere but through the
// proxy, and the file host's certificate is of a private CA, as that of a proxy which
// opens TLS.
func TestFetch_behind_a_proxy(t *testing.T) {
	if links := os.Getenv("HEYQ_TEST_LINKS"); links != "" {
		fetchAll(t, links)
		return
	}
	t.Parallel()
	certificates := testkit.NewCertificates(t)
	secure, err := certificates.Config()
	if err != nil {
		t.Fatal(err)
	}
	origin := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "https://cdn.heyq.test/video", http.StatusFound)
		case "/inside":
			http.Redirect(w, r, "https://127.0.0.1/video", http.StatusFound)
		default:
			_, _ = w.Write([]byte("a video"))
		}
	}))
	origin.TLS = secure
	origin.StartTLS()
	t.Cleanup(origin.Close)
	at := origin.Listener.Addr().String()
	proxy := testkit.StartProxy(t, map[string]string{
		"files.heyq.test:443": at, "cdn.heyq.test:443": at, "127.0.0.1:443": at, "10.1.2.3:443": at,
	})
	links, err := json.Marshal(map[string]string{
		"https://files.heyq.test/video":  "",
		"https://files.heyq.test/moved":  "", // to another host, through the proxy as well
		"https://files.heyq.test/inside": "not a public address",
		"https://127.0.0.1/video":        "not a public address",
		"https://10.1.2.3/video":         "not a public address",
		"https://other.heyq.test/video":  "Forbidden", // by the proxy
	})
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), program, "-test.run=^TestFetch_behind_a_proxy$")
	c.Env = append(os.Environ(), "HEYQ_TEST_LINKS="+string(links), "HTTPS_PROXY="+proxy.URL, "SSL_CERT_DIR="+filepath.Dir(certificates.CA), "NO_PROXY=", "no_proxy=", "https_proxy=")
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	for _, asked := range proxy.Asked() {
		if strings.Contains(asked, "127.0.0.1") || strings.Contains(asked, "10.1.2.3") {
			t.Errorf("the proxy was asked to %s", asked)
		}
	}
}

// fetchAll fetches each link, and wants it to fail as it says.
func fetchAll(t *testing.T, links string) {
	var want map[string]string
	if err := json.Unmarshal([]byte(links), &want); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	l, err := Open(t.Context(), Options{URL: filepath.Join(dir, "media"), Spool: filepath.Join(dir, "spool")})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for link, failure := range want {
		_, err := l.Fetch(t.Context(), Source{URL: link})
		if err == nil && failure != "" || err != nil && (failure == "" || !strings.Contains(err.Error(), failure)) {
			t.Errorf("%s: %v, want %q", link, err, failure)
		}
	}
}
