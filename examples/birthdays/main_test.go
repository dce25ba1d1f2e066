package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"heyq/app/apptest"
	"heyq/client"
)

// Who has birthday gets one video, whatever the number of runs.
func TestBirthdays(t *testing.T) {
	t.Parallel()
	h, dir := apptest.Start(t), t.TempDir()
	heyq := client.New(h.URL, h.Token)
	for range 2 {
		var out bytes.Buffer
		if err := run(t.Context(), heyq, []string{"-day", "2030-12-10", "-dir", dir}, &out); err != nil {
			t.Fatal(err)
		}
		if said := out.String(); strings.Count(said, "\n") != 2 || !strings.Contains(said, "Ada Okafor") || !strings.Contains(said, "Jonas Weber") {
			t.Errorf("it said %q", said)
		}
	}
	made := 0
	for v, err := range heyq.Videos.All(t.Context(), client.VideoFilter{}) {
		if err != nil || v.File == nil {
			t.Fatalf("got %v, %v", v.State, err)
		}
		file, err := os.Stat(filepath.Join(dir, v.Metadata["email"]+".mp4"))
		if err != nil || file.Size() != v.File.Bytes {
			t.Errorf("%s: %v", v.Title, err)
		}
		made++
	}
	if made != 2 {
		t.Errorf("made %d videos, want 2", made)
	}
}

func TestBorn(t *testing.T) {
	t.Parallel()
	for day, want := range map[string]int{"2030-12-10": 2, "2030-12-11": 0, "2030-02-28": 1, "2032-02-28": 0, "2032-02-29": 1} {
		at, _ := time.Parse(time.DateOnly, day)
		if people, err := born(everyone, at); err != nil || len(people) != want {
			t.Errorf("%s: %v, %v; want %d", day, people, err, want)
		}
	}
	for _, content := range []string{"name,email,birthday\nAda,../ada,2000-01-01\n", "name,email,birthday\nAda,ada@example.com,soon\n", "name\nAda\n"} {
		if _, err := born([]byte(content), time.Now()); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: %v", content, err)
		}
	}
}
