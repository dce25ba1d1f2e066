package media

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"
)

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
