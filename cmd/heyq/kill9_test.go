//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"heyq/heygen/simulator"
	"heyq/internal/testkit"
	"heyq/internal/testservers"
	"heyq/store/sqlite/sqlitetest"
)

// TestE2E_kill9 kills `heyq up` with 100 videos in flight, at random moments
// and again and again. In the end each is completed, and each was billed once.
// HEYQ_TEST_ROUNDS says how often the whole is done, HEYQ_TEST_SEED with which
// moments.
func TestE2E_kill9(t *testing.T) {
	t.Parallel()
	rounds, seed := testNumber(t, "HEYQ_TEST_ROUNDS", 3), testNumber(t, "HEYQ_TEST_SEED", time.Now().UnixNano())
	for n := range rounds {
		t.Run(fmt.Sprintf("seed %d", seed+n), func(t *testing.T) {
			t.Parallel()
			killRound(t, rand.New(rand.NewPCG(uint64(seed+n), 0)))
		})
	}
}

func testNumber(t *testing.T, name string, otherwise int64) int64 {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		return otherwise
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// killRound makes 100 videos with a heyq that dies after a moment, until all
// of them are completed.
func killRound(t *testing.T, chance *rand.Rand) {
	const videos = 100
	dir, addr := sqlitetest.Folder(t), freeAddr(t)
	environ := []string{"HEYQ_DIR=" + dir, "HEYQ_URL=http://" + addr}

	child := startHeyq(t, dir, addr)
	heyq(t, environ, "videos", "import", writeCSV(t, "title,script,avatar_id,voice_id\n"+
		strings.Repeat("Hello,Hello there,avatar_1,voice_1\n", videos))).wantOK(t)

	// Lives grow while nothing is completed: on a machine that is busy little is done
	// in a second, and a heyq that dies sooner than it has begun shows nothing.
	kills, fruitless := 0, 0
	for completed, progress := 0, time.Now(); completed < videos; {
		life := time.After(time.Duration((50+chance.IntN(1500))*(1+fruitless/4)) * time.Millisecond)
		for alive := true; alive && completed < videos; {
			select {
			case <-life:
				child.kill()
				kills++
				fruitless++
				child = startHeyq(t, dir, addr)
				alive = false
			case <-time.After(50 * time.Millisecond): // how often to look
				if now := countCompleted(t, environ); now > completed {
					completed, progress, fruitless = now, time.Now(), 0
				}
			}
		}
		if time.Since(progress) > testkit.Patience {
			t.Fatalf("%d of %d videos are completed after %d kills, and no more for %s", completed, videos, kills, testkit.Patience)
		}
	}

	if o := heyq(t, environ, "videos", "list", "--per-page", "1000", "--json").wantOK(t); strings.Count(o.stdout, `"state": "completed"`) != videos {
		t.Errorf("not all videos are completed: %s", o.stdout)
	}
	child.stop(t)
	if billed := len(keptLedger(t, dir).Renders); billed != videos {
		t.Errorf("%d renders were billed, want %d", billed, videos)
	}
	wantNoParts(t, dir)
	t.Logf("%d videos, %d kills", videos, kills)
}

func freeAddr(t *testing.T) string {
	t.Helper()
	addr, err := testservers.FreeAddr()
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

// countCompleted asks the heyq, which may be dying or not yet there. It is asked again
// and again, and so without a command, which costs ten times as much.
func countCompleted(t *testing.T, environ []string) int {
	t.Helper()
	answer, err := ask(t, environ, "/v1/videos?state=completed&per_page=1")
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	var list struct{ Pagination struct{ Total int } }
	if answer.StatusCode != http.StatusOK || json.NewDecoder(answer.Body).Decode(&list) != nil {
		return 0
	}
	return list.Pagination.Total
}

// wantNoParts looks for downloads that no worker finished, and no sweep
// removed.
func wantNoParts(t *testing.T, dir string) {
	t.Helper()
	var parts []string
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".part") {
			parts = append(parts, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(parts) > 0 {
		t.Errorf("%d part files are left over, such as %s", len(parts), parts[0])
	}
}

// startHeyq starts a `heyq up` and returns it when it says that it is running.
func startHeyq(t *testing.T, dir, addr string) *child {
	t.Helper()
	c := startProcess(t, []string{"PATH=" + os.Getenv("PATH")}, "up", "--dir", dir, "--addr", addr, "--render-time", "300ms")
	c.waitFor(t, "heyq up is running")
	return c
}

// keptLedger is that of the simulator inside a heyq that has ended.
func keptLedger(t *testing.T, dir string) simulator.Ledger {
	t.Helper()
	account, err := simulator.New(simulator.Options{Dir: filepath.Join(dir, "simulator")})
	if err != nil {
		t.Fatal(err)
	}
	defer account.Close()
	return account.Ledger()
}
