package main

import (
	"net"
	"path/filepath"
	"testing"

	"heyq/internal/testkit"
)

// A role that is meant for production must not start on a database of its own
// because a variable was forgotten.
func TestServe_refuses_the_embedded_default(t *testing.T) {
	t.Parallel()
	for _, role := range []string{"api", "worker", "scheduler"} {
		heyq(t, []string{"HEYQ_DIR=" + t.TempDir()}, role).want(t, 2, "DATABASE_URL: is not set", "REDIS_URL: is not set", "--embedded")
	}
	heyq(t, []string{"REDIS_URL=redis://127.0.0.1:1"}, "worker").want(t, 2, "DATABASE_URL: is not set")
}

func TestServe_says_why_it_cannot_start(t *testing.T) {
	t.Parallel()
	heyq(t, nil, "up", "--dir", t.TempDir(), "--addr", "nowhere").want(t, 2, "HEYQ_ADDR", `"nowhere"`)

	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	addr := taken.Addr().String()
	heyq(t, nil, "up", "--dir", t.TempDir(), "--addr", addr).want(t, 5, "cannot listen on "+addr)
	heyq(t, nil, "simulator", "--addr", addr).want(t, 5, "cannot listen on "+addr)
}

func TestServe_embedded_role(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	url := serve(t, nil, "API ", "api", "--embedded", "--dir", dir, "--addr", "127.0.0.1:0")
	heyq(t, []string{"HEYQ_URL=" + url, "HEYQ_DIR=" + dir}, "videos", "list").wantOK(t).want(t, 0, "no videos")
}

// The production form: each role by itself, on real Postgres and Redis, with
// HeyGen somewhere else.
func TestE2E_roles_real(t *testing.T) {
	t.Parallel()
	dir, token := t.TempDir(), "HEYQ_OPERATOR_TOKEN=a-token-of-the-operators"
	heygen := serve(t, nil, "simulator at ", "simulator", "--addr", "127.0.0.1:0", "--render-time", "100ms")
	environ := []string{
		"DATABASE_URL=" + testkit.Postgres(t), "REDIS_URL=" + testkit.Redis(t), "HEYQ_DIR=" + dir,
		"HEYGEN_API_URL=" + heygen, "HEYGEN_API_KEY=any", "HEYQ_POLL_INTERVAL=100ms", token,
	}
	heyq(t, environ, "api", "--addr", "127.0.0.1:0").want(t, 5, "heyq migrate up")
	heyq(t, environ, "migrate", "up").wantOK(t).want(t, 0, "✓ ")
	api := serve(t, environ, "API ", "api", "--addr", "127.0.0.1:0")
	for range 2 { // two of each, as in a set-up that survives the loss of one
		serve(t, environ, "Redis ", "worker")
		serve(t, environ, "Redis ", "scheduler")
	}

	user := []string{"HEYQ_URL=" + api, token}
	done := decode[imported](t, heyq(t, user, "videos", "import", "../../examples/people.csv", "--yes", "--json").wantOK(t))
	watch := []string{"videos", "watch", "--interval", "100ms"}
	for _, v := range done.Videos {
		watch = append(watch, v.ID)
	}
	heyq(t, user, watch...).wantOK(t)
	l, err := readLedger(t.Context(), heygen)
	if err != nil || len(l.Renders) != 20 {
		t.Errorf("%d renders were billed, want 20 (%v)", len(l.Renders), err)
	}
	for _, v := range done.Videos {
		if paths, _ := filepath.Glob(filepath.Join(dir, "media", "videos", v.ID, "*", "video.mp4")); len(paths) != 1 {
			t.Errorf("%s has %d files, want 1", v.ID, len(paths))
		}
	}
}
