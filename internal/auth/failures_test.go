package auth

import (
	"net/netip"
	"testing"
	"time"
)

// A client with many addresses must not fill the memory.
func TestFailures_are_bounded(t *testing.T) {
	t.Parallel()
	f, now := newFailures(), time.Now()
	last := netip.MustParsePrefix("10.255.255.255/32")
	for range mostFailures {
		f.note(last, now)
	}
	address := netip.MustParseAddr("10.0.0.0")
	for range 2 * mostAddresses {
		f.note(netip.PrefixFrom(address, 32), now)
		f.note(last, now) // keeps on, and so is not forgotten
		address = address.Next()
	}
	if f.by.Len() != mostAddresses {
		t.Errorf("%d addresses are remembered, want %d", f.by.Len(), mostAddresses)
	}
	if wait, _ := f.note(last, now); wait != time.Minute {
		t.Errorf("the busiest address waits %s, want a minute", wait)
	}
}
