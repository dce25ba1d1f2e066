package main

import (
	"errors"
	"testing"

	"heyq/internal/fault"
	"heyq/internal/testkit"
	"heyq/wire"
)

// A video that is old enough goes step by step: HeyGen's copy, its files, its row.
func TestE2E_retention(t *testing.T) {
	t.Parallel()
	environ := startUp(t, "HEYQ_DELETE_AT_HEYGEN=1ms", "HEYQ_KEEP_FILES=1ms", "HEYQ_KEEP_COMPLETED=2ms")
	does := func(job, want string) {
		t.Helper()
		var o outcome
		testkit.Eventually(t, func() error { // it may run or wait just now, by itself
			if o = heyq(t, environ, "schedule", "run", job, "--wait", "--json"); o.code == exitCodes[fault.Conflict] {
				return errors.New(o.stderr)
			}
			return nil
		})
		ran := decode[wire.ScheduledJob](t, o.wantOK(t))
		if ran.Last.Result != want {
			t.Errorf("%s %q, want %q", job, ran.Last.Result, want)
		}
	}
	for _, job := range []string{"videos:remove", "heygen:delete", "analytics:rollup"} {
		does(job, "") // and so they have caught up
	}
	id := made(t, environ, hello...)
	heyq(t, environ, "videos", "watch", "--interval", "50ms", id).wantOK(t)

	does("videos:remove", "removed the files of 1 video")
	heyq(t, environ, "videos", "download", id, "--output", t.TempDir()+"/video.mp4").want(t, 3, "were removed", "HEYQ_KEEP_FILES")
	heyq(t, environ, "videos", "get", id).wantOK(t).want(t, 0, "completed", "removed")
	does("videos:remove", "") // HeyGen has a copy
	does("heygen:delete", "deleted 1 video")
	does("heygen:delete", "")
	does("analytics:rollup", "wrote 1 daily total")
	does("videos:remove", "removed 1 video")
	heyq(t, environ, "videos", "get", id).want(t, 3, "there is no video")
}
