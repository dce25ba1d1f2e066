package media

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
)

// A link of HeyGen's is no way into the network that heyq runs in, whatever
// name it has; that of a private HeyGen to itself is none either.
func TestFetch_refuses_private_links(t *testing.T) {
	t.Parallel()
	reached := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		reached++
		_, _ = w.Write([]byte("a video"))
	}))
	defer server.Close()
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	for _, c := range []struct {
		link string
		want error
	}{
		{server.URL + "/video", nil},
		{"http://localhost:" + port + "/", ErrLinkRefused}, // another name is another host
		{"http://[::ffff:127.0.0.1]:" + port + "/", ErrLinkRefused},
		{"http://127.0.0.1:9/", ErrLinkRefused},
		{"http://169.254.169.254/latest/meta-data/", ErrLinkRefused},
		{"http://[fec0::1]/", ErrLinkRefused},
	} {
		dir := t.TempDir()
		l, err := Open(t.Context(), Options{
			URL: filepath.Join(dir, "media"), Spool: filepath.Join(dir, "spool"),
			Private: func(host string) bool { return host == server.Listener.Addr().String() },
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = l.Fetch(t.Context(), Source{URL: c.link}); !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("%s: %v, want %v", c.link, err, c.want)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	if reached != 1 {
		t.Errorf("%d requests came, want 1", reached)
	}
}
