package main

import (
	"net"
	"testing"
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
	environ := serveCommand(t, []string{"api", "--embedded", "--dir", t.TempDir(), "--addr", "127.0.0.1:0"}, "API ")
	heyq(t, environ, "videos", "list").wantOK(t).want(t, 0, "no videos")
}
