package main

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"heyq/internal/testkit"
	"heyq/wire"
)

func TestE2E_tasks(t *testing.T) {
	t.Parallel()
	environ := startUp(t)
	heyq(t, environ, "tasks", "list").wantOK(t).want(t, 0, "nothing was started")
	id := made(t, environ, hello...)
	heyq(t, environ, "videos", "watch", id).wantOK(t)
	started := decode[[]wire.StartedTask](t, heyq(t, environ, "videos", "verify", "--background", id, "--json").wantOK(t))
	testkit.Eventually(t, func() error {
		if task := decode[wire.Task](t, heyq(t, environ, "tasks", "get", started[0].TaskID, "--json").wantOK(t)); task.Status != "succeeded" {
			return errors.New(string(task.Status))
		}
		return nil
	})
	heyq(t, environ, "tasks", "get", started[0].TaskID).wantOK(t).want(t, 0, "verify-video", id, "succeeded", "the file is whole", "by operator")
	heyq(t, environ, "tasks", "list").wantOK(t).want(t, 0, started[0].TaskID)
	heyq(t, environ, "tasks", "get", uuid.NewString()).want(t, 3, "list them with heyq tasks list")
	heyq(t, environ, "videos", "get", "--heygen", id, uuid.NewString()).want(t, 3, "not all could be looked up", "there is no video")
	heyq(t, environ, "videos", "get", "--heygen", id).wantOK(t).want(t, 0, "HeyGen says", "completed")
}
