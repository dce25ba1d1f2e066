package transfer_test

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"heyq/internal/fault"
	"heyq/internal/testkit"
	"heyq/store"
	"heyq/store/postgres/postgrestest"
	"heyq/store/sqlite"
	"heyq/store/sqlite/sqlitetest"
	"heyq/store/storetest"
	"heyq/store/transfer"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// openSQLite opens an empty store in a file at path, which it writes.
func openSQLite(t testing.TB, path string, options ...sqlite.Option) *sqlite.Store {
	t.Helper()
	sqlitetest.Write(t, path)
	s, err := sqlite.Open(t.Context(), path, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func snapshot(t testing.TB, path string) *sqlite.Snapshot {
	t.Helper()
	s, err := sqlite.OpenSnapshot(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// write is the archive of a source.
func write(t testing.TB, source transfer.Source) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := transfer.Write(t.Context(), &b, source, transfer.Header{HeyQ: "v1", Source: "a test"}, transfer.Progress{}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func restore(t testing.TB, target transfer.Target, text []byte) error {
	t.Helper()
	r, err := transfer.NewReader(bytes.NewReader(text), newest(t), transfer.Progress{})
	if err != nil {
		return err
	}
	return target.Restore(t.Context(), r)
}

func mustRestore(t testing.TB, target transfer.Target, text []byte) {
	t.Helper()
	if err := restore(t, target, text); err != nil {
		t.Fatal(err)
	}
}

// newest is the newest migration.
func newest(t testing.TB) string {
	t.Helper()
	list, err := filepath.Glob("../postgres/migrations/*.sql")
	if err != nil || len(list) == 0 {
		t.Fatal(list, err)
	}
	return filepath.Base(slices.Max(list))
}

// rows are the lines of an archive but for the first and the last, which say when
// it was written and from what.
func rows(text []byte) []string {
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	return lines[1 : len(lines)-1]
}

func populated(t testing.TB, path string, seed uint64) storetest.Population {
	t.Helper()
	var passed atomic.Int64
	s := openSQLite(t, path, sqlite.WithClock(func() time.Time { return time.Now().Add(time.Duration(passed.Load())) }))
	if err := s.RememberAccount(t.Context(), "ada"); err != nil {
		t.Fatal(err)
	}
	return storetest.Populate(t, storetest.Harness{Store: s, Advance: func(d time.Duration) { passed.Add(int64(d)) }}, seed)
}

// archived is the archive of a population.
func archived(t *testing.T) []byte {
	t.Helper()
	once.Lock()
	defer once.Unlock()
	if once.text == nil {
		path := filepath.Join(sqlitetest.Folder(t), "heyq.db")
		populated(t, path, 1)
		once.text = write(t, snapshot(t, path))
	}
	return once.text
}

// once holds what is long in the making.
var once struct {
	sync.Mutex
	text []byte
}

// The whole state goes from SQLite to Postgres and back to SQLite, and is the same
// each time but for those at work, who can do nothing any more.
func TestArchive_moves_everything_real(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			first := filepath.Join(sqlitetest.Folder(t), "heyq.db")
			population := populated(t, first, seed)
			original := write(t, snapshot(t, first)) // while it is open
			counts := map[string]int{}
			for _, line := range rows(original) {
				name, _, _ := strings.Cut(strings.TrimPrefix(line, `{"table":"`), `"`)
				counts[name]++
			}
			for _, table := range transfer.Tables {
				if counts[table.Name] == 0 {
					t.Errorf("no row of %s is moved", table.Name)
				}
			}

			pg := postgrestest.Open(t, postgrestest.URL(t))
			mustRestore(t, pg, original)
			moved := write(t, pg)
			if diff := cmp.Diff(rows(original), rows(moved)); diff != "" {
				t.Errorf("SQLite to Postgres (-want +got):\n%s", diff)
			}
			second := filepath.Join(sqlitetest.Folder(t), "heyq.db")
			lite := openSQLite(t, second)
			mustRestore(t, lite, moved)
			if diff := cmp.Diff(rows(original), rows(write(t, snapshot(t, second)))); diff != "" {
				t.Errorf("Postgres to SQLite (-want +got):\n%s", diff)
			}
			for name, s := range map[string]store.Store{"Postgres": pg, "SQLite": lite} {
				t.Run(name, func(t *testing.T) { population.WantMoved(t, s) })
				videos, err := s.VideosByID(t.Context(), store.Everyone(), population.Videos)
				if err != nil || len(videos) != len(population.Videos) {
					t.Errorf("%s: %d of %d videos are there, %v", name, len(videos), len(population.Videos), err)
				}
			}
			for name, target := range map[string]transfer.Target{"Postgres": pg, "SQLite": lite} {
				if err := restore(t, target, original); fault.CodeOf(err) != fault.Conflict || !strings.Contains(err.Error(), "videos") {
					t.Errorf("a %s that is not empty was filled: %v", name, err)
				}
			}
		})
	}
}

// What cannot be taken leaves nothing behind, and the line is named.
func TestArchive_takes_all_or_nothing_real(t *testing.T) {
	t.Parallel()
	text := string(archived(t))
	lines := strings.SplitAfter(text, "\n")
	cut := strings.Join(lines[:len(lines)-3], "")
	last := 0 // number of the last video's line
	for i, line := range lines {
		if strings.HasPrefix(line, `{"table":"videos"`) {
			last = i + 1
		}
	}
	broken := func(n int, was, is string) string {
		changed := slices.Clone(lines)
		if changed[n-1] = strings.Replace(lines[n-1], was, is, 1); changed[n-1] == lines[n-1] {
			t.Fatalf("%q is not in line %d", was, n)
		}
		return strings.Join(changed, "")
	}
	for name, target := range map[string]transfer.Target{
		"Postgres": postgrestest.Open(t, postgrestest.URL(t)), "SQLite": sqlitetest.Open(t),
	} {
		for _, c := range []struct{ name, text, want string }{
			{"cut off", cut, fmt.Sprintf("cut off after line %d", len(lines)-3)},
			{"a letter was changed", broken(last, `"submission":`, `"submission": `), "its SHA-256 is not that of the file"},
			{"a constraint", broken(last, `"state":"`, `"state":"x`), fmt.Sprintf("line %d of the archive cannot be taken", last)},
			{"a row twice", strings.Join(slices.Insert(slices.Clone(lines), last, lines[last-1]), ""), fmt.Sprintf("line %d of the archive cannot be taken", last+1)},
		} {
			err := restore(t, target, []byte(c.text))
			if fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s, %s: %v, want %q", name, c.name, err, c.want)
			}
		}
		mustRestore(t, target, []byte(text)) // it is as empty as before
	}
}

// An import takes a database that no process works on.
func TestArchive_waits_for_nobody_real(t *testing.T) {
	t.Parallel()
	text := archived(t)
	s := postgrestest.Open(t, postgrestest.URL(t))
	err := s.Lead(t.Context(), "scheduler", func(context.Context) error { return restore(t, s, text) })
	if fault.CodeOf(err) != fault.Conflict || !strings.Contains(err.Error(), "at work") {
		t.Errorf("beside a scheduler: %v", err)
	}
	mustRestore(t, s, text)
}
