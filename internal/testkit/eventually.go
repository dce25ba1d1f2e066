package testkit

import (
	"testing"
	"time"
)

// Patience is how long a test waits for what must come. It is long enough for
// a machine that is busy with other things, and only a failing test needs it.
const Patience = 3 * time.Minute

// Eventually polls check until it returns nil, and fails the test with its last
// error after Patience. It is for states that send no signal; if there is one,
// wait for that.
func Eventually(t testing.TB, check func() error) {
	t.Helper()
	deadline := time.Now().Add(Patience)
	for wait := time.Millisecond; ; wait = min(2*wait, 50*time.Millisecond) {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("not after %s: %v", Patience, err)
		}
		time.Sleep(wait)
	}
}
