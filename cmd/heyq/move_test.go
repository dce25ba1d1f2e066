//go:build linux

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"heyq/app"
	"heyq/config"
	"heyq/heygen/simulator"
	"heyq/internal/testkit"
	"heyq/store/transfer"
)

// A heyq is moved with videos in flight: from one process on SQLite, which is
// stopped, to the roles on Postgres and Redis. All are completed, and each was
// billed once.
func TestE2E_move(t *testing.T) {
	t.Parallel()
	const n = 60
	f := newFleet(t, simulator.Options{RenderTime: time.Second, Latency: 100 * time.Millisecond})
	dir, addr := filepath.Join(f.dir, "embedded"), freeAddr(t)
	embedded := []string{"HEYQ_DIR=" + dir, "HEYQ_URL=http://" + addr}
	for _, variable := range f.environ {
		if name, _, _ := strings.Cut(variable, "="); name != "DATABASE_URL" && name != "REDIS_URL" {
			embedded = append(embedded, variable)
		}
	}
	old := startProcess(t, embedded, "up", "--addr", addr)
	old.waitFor(t, "API ")
	heyq(t, embedded, "videos", "import", "--yes", writeCSV(t, "title,script,avatar_id,voice_id\n"+
		strings.Repeat("Hello,Hello there,avatar_1,voice_1\n", n))).wantOK(t)
	testkit.Eventually(t, func() error {
		if countCompleted(t, embedded) == 0 {
			return errors.New("none is completed")
		}
		return nil
	})
	file := filepath.Join(t.TempDir(), "heyq.jsonl")
	heyq(t, embedded, "export", "--out", file).wantOK(t) // a backup, while it is at work
	old.stop(t)

	heyq(t, embedded, "export", "--out", file).want(t, 4, "is there already", "--force")
	heyq(t, embedded, "export", "--out", file, "--force").wantOK(t).want(t, 0, "rows of SQLite in")
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file that holds secrets is %v, %v", info.Mode(), err)
	}
	heyq(t, f.environ, "import", file).wantOK(t).want(t, 0, "were imported")
	heyq(t, f.environ, "import", file).want(t, 4, "is not empty", "60 videos")
	heyq(t, f.environ, "worker").want(t, 4, "the media store", "heyq adopt")
	heyq(t, f.environ, "adopt").wantOK(t).want(t, 0, "the media store")

	conn := f.sql(t)
	if open := one[int](t, conn, `SELECT count(*) FROM videos WHERE due_at IS NOT NULL`); open == 0 {
		t.Error("nothing was in flight")
	}
	f.start(t, "api")
	f.start(t, "worker")
	f.start(t, "scheduler")
	f.wantAllOnce(t, conn, n)
}

// What is older than a move is a backup: nothing new is sent until a person has
// looked.
func TestE2E_import_of_a_backup(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	heyq(t, nil, "migrate", "up", "--dir", dir).wantOK(t)
	exported := heyq(t, nil, "export", "--dir", dir).wantOK(t).stdout
	old := aged(t, exported, time.Now().Add(-2*time.Hour))

	restored := t.TempDir()
	heyqReading(t, old, nil, "import", "-", "--dir", restored).wantOK(t).want(t, 0, "admission is paused", "heyq admission resume")
	again := heyq(t, nil, "export", "--dir", restored).wantOK(t).stdout
	if !strings.Contains(again, `"state":"paused","reason":"imported from a file of `) {
		t.Errorf("admission is not paused: %s", again)
	}
	if !setBack(t, restored) || setBack(t, dir) {
		t.Error("that the database was set back is not noted, or it is of the one that was not")
	}
	heyqReading(t, "{}\n", nil, "import", "-", "--dir", t.TempDir()).want(t, 2, "no archive of a heyq")
	heyqReading(t, exported[:len(exported)-20], nil, "import", "-", "--dir", t.TempDir()).want(t, 2, "cut off")
	heyq(t, nil, "import", "no-such-file", "--dir", t.TempDir()).want(t, 3, "no-such-file")
	heyq(t, nil, "export", "--dir", t.TempDir()).want(t, 3, "there is no database")
}

// setBack reports whether the database of a folder is noted as one that was set back.
func setBack(t *testing.T, dir string) bool {
	t.Helper()
	settings, _, err := config.Load([]string{"HEYQ_DIR=" + dir})
	if err != nil {
		t.Fatal(err)
	}
	db, err := app.OpenStore(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	self, err := db.Installation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return !self.SetBack.IsZero()
}

// aged is an archive as it would have been written at another time.
func aged(t *testing.T, text string, at time.Time) string {
	t.Helper()
	head, rest, _ := strings.Cut(text, "\n")
	var h transfer.Header
	if err := json.Unmarshal([]byte(head), &h); err != nil {
		t.Fatal(err)
	}
	h.At = at
	changed, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	rows, trailer, _ := strings.Cut(string(changed)+"\n"+rest, `{"counts"`)
	sum := sha256.Sum256([]byte(rows))
	before, _, _ := strings.Cut(trailer, `"sha256"`)
	return rows + `{"counts"` + before + `"sha256":"` + hex.EncodeToString(sum[:]) + "\"}\n"
}
