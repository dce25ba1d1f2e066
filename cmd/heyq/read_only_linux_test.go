package main

import (
	"bytes"
	"strings"
	"testing"

	"heyq/internal/testkit"
	"heyq/store/postgres/postgrestest"
)

// Those that serve people start if they cannot write to their folder: the token is in
// the database, and that commands do not find it there is said.
func TestE2E_folder_that_cannot_be_written_real(t *testing.T) {
	t.Parallel()
	environ := []string{
		"DATABASE_URL=" + postgrestest.URL(t), "REDIS_URL=" + testkit.Redis(t), "HEYGEN_API_KEY=k", "HEYGEN_API_URL=http://127.0.0.1:1",
		"HEYQ_DIR=/proc/heyq", "HEYQ_MEDIA_URL=file://" + t.TempDir(),
	}
	for role, label := range map[string]string{"api": "API ", "dashboard": "Dashboard "} {
		t.Run(role, func(t *testing.T) {
			var log bytes.Buffer
			t.Cleanup(func() { // when it has ended, and writes no more
				if !strings.Contains(log.String(), "the operator token is in the database alone") {
					t.Errorf("it is not said that the token is not in the folder: %s", &log)
				}
			})
			if got := statusWith(t, serveLogged(t, &log, environ, label, role, "--addr", "127.0.0.1:0"), ""); got == 0 {
				t.Error("it does not answer")
			}
		})
	}
}
