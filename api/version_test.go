package api_test

import (
	"net/http"
	"testing"

	"heyq/api"
	"heyq/internal/build"
	"heyq/wire"
)

func TestVersion(t *testing.T) {
	t.Parallel()
	want := build.Info{
		Version: "v1.2.3", Commit: "3f764ef", Time: "2030-01-02T03:04:05Z", Modified: true,
		Go: "go1.26.8", Platform: "linux/amd64",
	}
	h := &house{Handler: api.New(api.Options{Build: want})}
	var got wire.Version
	h.must(t, http.StatusOK, "GET", "/v1/version", "").decode(t, &got)
	equal(t, "version", got, wire.Version(want))
}
