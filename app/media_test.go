package app

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"heyq/internal/fault"
	"heyq/media"
)

// A worker starts if the media store is away, and not if it refuses: each
// render would be paid for in vain.
func TestTryMedia(t *testing.T) {
	t.Parallel()
	for status, refuses := range map[int]bool{
		http.StatusForbidden: true, http.StatusNotImplemented: true, http.StatusNotFound: true, http.StatusServiceUnavailable: false,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(status)
		}))
		t.Cleanup(server.Close)
		where := "s3://shelf?region=us-east-1&anonymous=true&use_path_style=true&disable_https=true&endpoint=" + server.URL
		library, err := media.Open(t.Context(), media.Options{URL: where, Spool: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = library.Close() })
		var log strings.Builder
		a := &App{media: library, where: Where{Media: where}, log: zerolog.New(&log)}
		err = a.tryMedia(t.Context())
		if refuses && (fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), "refuses what heyq writes") || !strings.Contains(err.Error(), "HEYQ_MEDIA_URL")) {
			t.Errorf("%d: %v", status, err)
		}
		if !refuses && (err != nil || !strings.Contains(log.String(), "could not be tried")) {
			t.Errorf("%d: %v, and the log says %s", status, err, &log)
		}
	}
}
