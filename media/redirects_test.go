package media

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
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
