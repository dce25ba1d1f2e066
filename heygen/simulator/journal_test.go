package simulator_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"heyq/heygen/simulator"
)

// killed copies a folder as a kill -9 would leave it: whatever was written, and
// nothing that Close might still do.
func killed(t *testing.T, dir string) string {
	t.Helper()
	copied := t.TempDir()
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return copied
}

func TestDir_survivesAKill(t *testing.T) {
	t.Parallel()
	c := newClock()
	dir := t.TempDir()
	opts := simulator.Options{Dir: dir, RenderTime: 10 * time.Second, Clock: c.now, Concurrency: 3, PublicURL: "https://sim.example/"}
	a := start(t, opts)

	done := a.create("done")
	c.advance(time.Minute)
	link := get[video](a, "/v3/videos/"+done).VideoURL
	if !strings.HasPrefix(link, "https://sim.example/files/") {
		t.Fatalf("link %s", link)
	}
	first := a.do("POST", "/v3/videos", avatar("rendering <&>"), idempotencyKey, "k.1")
	no := a.do("POST", "/v3/videos", object{"type": "<&>"}, idempotencyKey, "k.2")
	gone := a.create("gone")
	a.do("DELETE", "/v3/videos/"+gone, nil)
	upload := a.upload("a.png", png)
	kept := data[webhook](t, a.do("POST", "/v3/webhooks/endpoints", object{"url": "https://example.com/h?a=1&b=2"}, idempotencyKey, "w"))
	dropped := data[webhook](t, a.do("POST", "/v3/webhooks/endpoints", object{"url": "https://example.com/x"}))
	a.do("DELETE", "/v3/webhooks/endpoints/"+dropped.EndpointID, nil)
	before := a.Ledger()

	c.advance(4 * time.Second)
	opts.Dir = killed(t, dir)
	b := start(t, opts)
	if diff := cmp.Diff(before, b.Ledger()); diff != "" {
		t.Error(diff)
	}
	if again := b.do("POST", "/v3/videos", avatar("another"), idempotencyKey, "k.1"); again.body != first.body {
		t.Errorf("replay %s, first %s", again.body, first.body)
	}
	if again := b.do("POST", "/v3/videos", avatar("another"), idempotencyKey, "k.2"); again.body != no.body {
		t.Errorf("replay %s, first %s", again.body, no.body)
	}
	if r := b.do("GET", strings.Replace(link, "https://sim.example", "", 1), nil); r.status != 200 {
		t.Errorf("a link from before: %d", r.status)
	}
	if r := b.do("GET", "/v3/videos/"+gone, nil); r.status != 404 {
		t.Errorf("a deleted video came back: %d", r.status)
	}
	if r := b.do("GET", "/assets/"+upload.AssetID, nil); r.body != png || r.header.Get("Content-Type") != "image/png" {
		t.Errorf("the asset: %d %s", r.status, r.header.Get("Content-Type"))
	}
	hooks := get[[]webhook](b, "/v3/webhooks/endpoints")
	if len(hooks) != 1 || hooks[0].EndpointID != kept.EndpointID {
		t.Errorf("webhooks %+v", hooks)
	}

	// One render is in flight still; it goes on by the wall clock.
	rendering := get[[]video](b, "/v3/videos?title=rendering")[0].ID
	if v := get[video](b, "/v3/videos/"+rendering); v.Status != "processing" {
		t.Errorf("status %s after 4 of 10 seconds", v.Status)
	}
	b.create("two")
	b.create("three")
	if r := b.do("POST", "/v3/videos", avatar("four")); r.status != 429 {
		t.Errorf("the cap forgot the render from before: %d", r.status)
	}
	c.advance(6 * time.Second)
	if v := get[video](b, "/v3/videos/"+rendering); v.Status != "completed" {
		t.Errorf("status %s after 10 seconds", v.Status)
	}
}

func TestDir_tornTail(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := start(t, simulator.Options{Dir: dir})
	for i := range 3 {
		a.create(fmt.Sprint("video ", i), idempotencyKey, fmt.Sprint("k.", i))
	}
	whole, err := os.ReadFile(filepath.Join(dir, "journal.jsonl"))
	if err != nil {
		t.Fatal(err)
	}

	// A write that was cut anywhere loses its own record and no other.
	last := bytes.LastIndexByte(whole[:len(whole)-1], '\n') + 1
	for _, keep := range []int{last, last + 1, (last + len(whole)) / 2, len(whole) - 1} {
		torn := t.TempDir()
		if err := os.WriteFile(filepath.Join(torn, "journal.jsonl"), whole[:keep], 0o600); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second opening finds the journal that the first one mended
			b, err := simulator.New(simulator.Options{Dir: torn})
			if err != nil {
				t.Fatalf("cut at %d of %d: %v", keep, len(whole), err)
			}
			if n := b.Ledger().Accepted; n != 2 {
				t.Errorf("cut at %d of %d: %d videos, want 2", keep, len(whole), n)
			}
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestDir_brokenInTheMiddle(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "journal.jsonl"), []byte("{}\n{\"render\n{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := simulator.New(simulator.Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("error %v, want one that names line 2", err)
	}
}

func TestDir_keepsNoCallPerLineForEver(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := start(t, simulator.Options{Dir: dir})
	for range 50 {
		a.do("GET", "/v3/users/me", nil)
	}
	b := start(t, simulator.Options{Dir: killed(t, dir)})
	if n := b.Ledger().Calls["me"]; n != 50 {
		t.Errorf("%d calls, want 50", n)
	}
	dir = killed(t, dir)
	if _, err := simulator.New(simulator.Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	journal, err := os.ReadFile(filepath.Join(dir, "journal.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(journal, []byte("\n")); n != 1 {
		t.Errorf("%d lines after opening, want 1", n)
	}
}

func TestClose_refusesWhatItCannotKeep(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{Dir: t.TempDir()})
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if r := a.do("POST", "/v3/videos", avatar("late")); refused(t, r).Status != 500 {
		t.Errorf("%d %s", r.status, r.body)
	}
	if n := a.Ledger().Accepted; n != 0 {
		t.Errorf("%d accepted", n)
	}
}
