package handlers

import (
	"testing"
	"time"

	"heyq/store"
)

// What failed together must not come back together, and a day must hold enough
// tries.
func TestRetryWait(t *testing.T) {
	t.Parallel()
	seen := map[time.Duration]bool{}
	for range 50 {
		wait := retryWait(0)
		seen[wait] = true
		if wait < 4*time.Second || wait > 6*time.Second {
			t.Errorf("the first wait is %s", wait)
		}
	}
	if len(seen) < 40 {
		t.Errorf("%d different waits of 50", len(seen))
	}
	var passed time.Duration
	tries := 1
	for ; passed < store.NotificationLife; tries++ {
		passed += retryWait(tries - 1)
	}
	if tries < 15 || tries > store.MostTries {
		t.Errorf("a day holds %d tries, and the log %d", tries, store.MostTries)
	}
}
