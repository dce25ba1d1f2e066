package media

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"
)

// TestFetch_follows_redirects: to where they may lead. No test can reach a public
// address, so the redirected transport is the ordinary one here.
func TestFetch_follows_redirects(t *testing.T) {
	t.Parallel()
	const content = "a video"
	for _, c := range []struct {
		name     string
		hops     int
		want     error
		requests int
	}{
		{"one", 1, nil, 2},
		{"a few", maxRedirects - 1, nil, maxRedirects},
		{"too many", maxRedirects, ErrRedirectRefused, maxRedirects},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			requests := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if requests++; requests <= c.hops {
					http.Redirect(w, r, "/next", http.StatusFound)
					return
				}
				_, _ = w.Write([]byte(content))
			}))
			t.Cleanup(server.Close)
			dir := t.TempDir()
			l, err := Open(t.Context(), Options{URL: filepath.Join(dir, "media"), Spool: filepath.Join(dir, "spool")})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			l.http.Transport = &route{any: anyTransport(), public: anyTransport(), private: func(string) bool { return true }}
			got, err := l.Fetch(t.Context(), Source{URL: server.URL})
			if !errors.Is(err, c.want) || c.want == nil && got.Bytes != int64(len(content)) {
				t.Errorf("got %+v, %v", got, err)
			}
			if requests != c.requests {
				t.Errorf("%d requests, want %d", requests, c.requests)
			}
		})
	}
}

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

// A host that never stalls, and never comes to an end either, loses its place.
func TestFetch_gives_up_a_trickle(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"a"`)
		w.Header().Set("Content-Length", "1000000000")
		for block := make([]byte, bufferSize); r.Context().Err() == nil; time.Sleep(time.Millisecond) {
			_, _ = w.Write(block)
		}
	}))
	t.Cleanup(server.Close)
	dir := t.TempDir()
	l, err := Open(t.Context(), Options{URL: filepath.Join(dir, "media"), Spool: filepath.Join(dir, "spool"), Private: func(string) bool { return true }})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	l.haste = haste{grace: 50 * time.Millisecond, slowest: 1 << 40}
	if _, err := l.Fetch(t.Context(), Source{URL: server.URL}); !errors.Is(err, errTooSlow) {
		t.Errorf("got %v, want %v", err, errTooSlow)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "spool", "*", "*"+partSuffix)); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestHaste(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		took  time.Duration
		bytes int64
		want  bool
	}{
		{5 * time.Minute, 0, true},
		{5*time.Minute + time.Second, 16 << 10, true},
		{5*time.Minute + 2*time.Second, 16 << 10, false},
		{time.Hour, 60 << 20, true},
		{time.Hour, 40 << 20, false},
	} {
		if got := defaultHaste.allows(c.took, c.bytes); got != c.want {
			t.Errorf("%s for %d bytes: %t", c.took, c.bytes, got)
		}
	}
}

func TestCheckRedirect_keeps_https(t *testing.T) {
	t.Parallel()
	request := func(url string) *http.Request {
		r, err := http.NewRequest(http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for _, c := range []struct {
		from, to string
		want     error
	}{
		{"https://a.example/", "https://b.example/", nil},
		{"http://a.example/", "https://b.example/", nil},
		{"http://a.example/", "http://b.example/", nil},
		{"https://a.example/", "http://a.example/", ErrRedirectRefused},
	} {
		if err := checkRedirect(request(c.to), []*http.Request{request(c.from)}); !errors.Is(err, c.want) {
			t.Errorf("from %s to %s: %v", c.from, c.to, err)
		}
	}
}
