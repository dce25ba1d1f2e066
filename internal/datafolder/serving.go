package datafolder

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// servingDir holds a file for each port of loopback on which a heyq with this
// data folder serves its API.
const servingDir = "serving"

// servingWait is how long Announce waits if another process holds the lock of
// its note.
const servingWait = time.Second

// Announce leaves a note in the data folder that the API is served at an address. It
// is locked until withdraw, or the end of this process: after a kill it says nothing.
func Announce(ctx context.Context, dir string, addr net.Addr) (withdraw func() error, err error) {
	_, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return nil, err
	}
	dir = filepath.Join(dir, servingDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("note where the API is served: %w", err)
	}
	note := flock.New(filepath.Join(dir, port), flock.SetPermissions(0o600))
	ctx, cancel := context.WithTimeout(ctx, servingWait)
	defer cancel()
	if locked, err := note.TryLockContext(ctx, servingWait/100); !locked { // a command looks at it for a moment
		return nil, fmt.Errorf("note where the API is served: %w", err)
	}
	return func() error { return errors.Join(os.Remove(note.Path()), note.Unlock()) }, nil
}

// Serves reports whether a heyq with this data folder serves its API at a URL on this
// machine, by the note that it left there and holds locked.
func Serves(dir, address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	if u.Hostname() != "localhost" && (err != nil || !ip.IsLoopback()) {
		return false
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	note := flock.New(filepath.Join(dir, servingDir, port), flock.SetFlag(os.O_RDONLY))
	free, err := note.TryRLock()
	if free {
		_ = note.Unlock()
	}
	return !free && err == nil
}
