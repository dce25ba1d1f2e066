package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"heyq/client"
)

func TestE2E_demo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	args := []string{"demo", "--videos", "3", "--dir", dir, "--render-time", "100ms"}
	environ := []string{"HEYGEN_API_KEY=real", "DATABASE_URL=postgres://nobody@192.0.2.1/none", "REDIS_URL=redis://192.0.2.1"}

	// The folder stays, and the counts are those of each run all the same.
	for range 2 {
		o := heyq(t, environ, append(args, "--json")...).wantOK(t)
		for _, name := range []string{"HEYGEN_API_KEY", "DATABASE_URL", "REDIS_URL"} {
			if !strings.Contains(o.stderr, name+" is set, and the demo does not use it") {
				t.Errorf("%s is ignored silently", name)
			}
		}
		r := decode[demoReport](t, o)
		for _, f := range r.Files {
			n, sum, err := sumFile(f.Path)
			if err != nil || n != f.Bytes || sum != f.SHA256 || f.Duration <= 0 || f.ID == "" {
				t.Errorf("%+v: the file has %d bytes and sum %s (%v)", f, n, sum, err)
			}
		}
		if len(r.Files) != 3 || r.Calls.Statuses == 0 || r.Seconds <= 0 {
			t.Errorf("got %+v", r)
		}
		want := demoReport{
			Videos: 3, Completed: 3, Billed: 3,
			Calls: demoCalls{Create: 3, Statuses: r.Calls.Statuses, Get: 3}, Seconds: r.Seconds, Files: r.Files,
		}
		if diff := cmp.Diff(want, r, cmp.AllowUnexported(demoReport{})); diff != "" {
			t.Errorf("report (-want +got):\n%s", diff)
		}
	}
	if log, err := os.ReadFile(filepath.Join(dir, "heyq.log")); err != nil || len(log) == 0 {
		t.Errorf("heyq.log has %d bytes (%v)", len(log), err)
	}

	heyq(t, nil, args...).wantOK(t).want(t, 0, "Making 3 videos", "completed 3", "Ada Okafor", "Priya Raman",
		"video.mp4", "3 of 3 videos completed and verified", "billed 3 renders")
}

// A file that is not what the API tells of is no success.
func TestVerify(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const id = "01890a5d-ac96-774b-bcce-b302099a8057"
	v := decode[client.Video](t, outcome{stdout: `{"id":"` + id + `","state":"completed","file":{"bytes":5,"sha256":"` +
		`2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"}}`})
	if m := verify(dir, v); m.wrong == "" || m.path != "" {
		t.Errorf("no file passed: %+v", m)
	}
	for run, content := range map[string]string{"3": "world", "7": "hello"} {
		path := filepath.Join(dir, "media", "videos", id, run, "video.mp4")
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if m := verify(dir, v); (m.wrong == "") != (filepath.Base(filepath.Dir(m.path)) == "7") {
			t.Errorf("with run %s: %+v", run, m)
		}
	}
	if m := verify(dir, v); m.wrong != "" {
		t.Errorf("the good file among two is not found: %s", m.wrong)
	}
}
