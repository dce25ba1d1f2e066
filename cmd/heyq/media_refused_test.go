//go:build linux

package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"heyq/heygen/simulator"
	"heyq/internal/testkit"
	"heyq/jobs"
	"heyq/store/postgres"
	"heyq/wire"
)

// An S3 that refuses to be written to is told of before the first render is paid for,
// and by doctor in the same words.
func TestE2E_media_store_that_refuses_real(t *testing.T) {
	t.Parallel()
	s3 := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			w.WriteHeader(http.StatusNotImplemented)
			return
		}
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte("<Error><Code>NoSuchKey</Code></Error>"))
	}))
	t.Cleanup(s3.Close)
	sim, err := simulator.New(simulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	environ := installation(t, withKey, "HEYGEN_API_URL="+serveHeyGen(t, sim), "REDIS_URL="+testkit.Redis(t),
		"HEYQ_MEDIA_URL=s3://shelf?region=us-east-1&anonymous=true&use_path_style=true&disable_https=true&endpoint="+s3.URL)
	db, err := postgres.Open(t.Context(), databaseOf(environ))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := jobs.NewClient(db).CreateVideo(t.Context(), jobs.NewVideo{
		Title: "Hello", Render: jobs.Render{Script: "Hello Ada!", AvatarID: "avatar_1", VoiceID: "voice_1"},
	}); err != nil {
		t.Fatal(err)
	}
	c := startProcess(t, environ, "worker")
	select {
	case <-c.ended:
	case <-time.After(testkit.Patience):
		t.Fatal("the worker goes on")
	}
	const words = "refuses what heyq writes"
	if said := strings.Join(c.tail(10), "\n"); c.command.ProcessState.ExitCode() != 2 || !strings.Contains(said, words) {
		t.Errorf("it ended with %d: %s", c.command.ProcessState.ExitCode(), said)
	}
	examine(t, environ, 5).want("media", wire.Broken, words)
	if n := sim.Ledger().Accepted; n != 0 {
		t.Errorf("%d renders were paid for", n)
	}
}
