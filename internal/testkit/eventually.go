package testkit

import (
	"testing"
	"time"
)

// Eventually polls check until it returns nil, and fails the test with its
// last error when the time is up. It is for states that send no signal; where
// there is one, wait for that.
func Eventually(t testing.TB, within time.Duration, check func() error) {
	t.Helper()
	deadline := time.Now().Add(within)
	for wait := time.Millisecond; ; wait = min(2*wait, 50*time.Millisecond) {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("not after %s: %v", within, err)
		}
		time.Sleep(wait)
	}
}
