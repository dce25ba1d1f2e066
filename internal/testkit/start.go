package testkit

import (
	"context"
	"errors"
	"os"
	"strconv"
	"testing"
	"time"

	"heyq/internal/testservers"
)

// startContext bounds the start of a server on a machine that is very busy.
func startContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// mustStart ends the test unless err is nil. A server that is not installed
// skips it, except in CI: there a skipped test would be a lie.
func mustStart(t testing.TB, err error) {
	t.Helper()
	if err == nil {
		return
	}
	ci, _ := strconv.ParseBool(os.Getenv("CI"))
	if errors.Is(err, testservers.ErrMissing) && !ci {
		t.Skipf("SKIPPED, NOTHING WAS TESTED: %v", err)
	}
	t.Fatalf("testkit: %v", err)
}
