package policy_test

import (
	"testing"
	"time"

	"heyq/internal/testkit"
)

// A Redis that hangs costs a call a quarter of a second, and the next ones
// nothing.
func TestLimiter_works_alone_while_Redis_hangs_real(t *testing.T) {
	t.Parallel()
	server := testkit.StartRedis(t)
	list := limiters(t, 1, 1000, server.URL())
	if err := list[0].Wait(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	back := testkit.Freeze(t, server.PID())
	defer back()
	took := race(t, list, 500)
	t.Logf("500 calls took %s", took.Round(time.Millisecond))
	if took > 500*time.Second/4/4/2 { // four at a time, a quarter of a second each: half of what they would wait if all of them did
		t.Errorf("500 calls took %s", took)
	}
}
