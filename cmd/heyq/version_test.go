package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"heyq/internal/build"
)

func TestVersion(t *testing.T) {
	t.Parallel()
	heyq(t, nil, "version").wantOK(t).want(t, 0, "heyq ", runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH)
	got := decode[build.Info](t, heyq(t, nil, "version", "--json").wantOK(t))
	if diff := cmp.Diff(build.Read(), got); diff != "" {
		t.Error(diff)
	}
}

func TestVersion_of_the_server(t *testing.T) {
	t.Parallel()
	environ := startUp(t)
	got := decode[build.Info](t, heyq(t, environ, "version", "--server", "--json").wantOK(t))
	if diff := cmp.Diff(build.Read(), got); diff != "" {
		t.Error(diff)
	}
	heyq(t, []string{"HEYQ_URL=http://127.0.0.1:1"}, "version", "--server").want(t, 5, "no heyq answers at http://127.0.0.1:1")
}

// A reader of a log knows from its first line which heyq wrote it.
func TestVersion_stands_first_in_the_log(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	heyq(t, nil, "demo", "--videos", "1", "--render-time", "100ms", "--dir", dir).wantOK(t)
	log, err := os.ReadFile(filepath.Join(dir, "heyq.log"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(log), "\n")
	var line struct{ Version, Commit, Go, Command string }
	if err := json.Unmarshal([]byte(first), &line); err != nil {
		t.Fatalf("%v in %q", err, first)
	}
	if line.Version != build.Read().Version || line.Go != runtime.Version() || line.Command != "demo" {
		t.Errorf("the first line is %s", first)
	}
}
