package main

import (
	"bytes"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"heyq/store"
	"heyq/store/sqlite"
)

func TestSeed(t *testing.T) {
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "heyq.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const jobs = batch + 7
	if err := seed(t.Context(), db, jobs); err != nil {
		t.Fatal(err)
	}
	counts, err := db.CountJobs(t.Context(), store.JobFilter{Kind: store.VideoJob})
	if err != nil {
		t.Fatal(err)
	}
	if len(counts) != 1 || counts[0].Jobs != jobs || counts[0].Step != store.Download || counts[0].Way != store.WayResume {
		t.Errorf("seeded %+v", counts)
	}
}

// A small run, to the end.
func TestRun(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-jobs", "20", "-runs", "1", "-stores", "sqlite"}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "sqlite         1 ") {
		t.Errorf("it says:\n%s", &out)
	}
}

func TestParse_refuses(t *testing.T) {
	for _, args := range [][]string{{"-jobs", "0"}, {"-runs", "0"}, {"-stores", "mysql"}, {"surprise"}} {
		if _, err := parse(args, io.Discard); err == nil {
			t.Errorf("%v was accepted", args)
		}
	}
}
