package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"heyq/config"
	"heyq/internal/auth"
	"heyq/internal/crowd"
	"heyq/internal/fault"
	"heyq/internal/heygenhook"
)

// tokenFile is where a heyq keeps the operator token that it has made.
const tokenFile = "operator-token"

// servingDir holds a file for each port of loopback on which a heyq with this
// data folder serves its API.
const servingDir = "serving"

// openPaths are what needs no token: probes have none, and HeyGen's deliveries
// are signed, or go to an address that nobody else knows.
var openPaths = []string{"GET /healthz", "GET /readyz", heygenhook.Path, heygenhook.Path + "/{video}/{token}"}

// openDoor finds the operator token: the configured one, or one that heyq makes
// and keeps. With Postgres it is kept in the database, so that all processes have
// the same, and copied into the data folder of those that serve people.
func (a *App) openDoor(ctx context.Context) error {
	c := a.config
	if c.HTTP.OperatorToken.IsSet() {
		a.token, a.where.Token = c.HTTP.OperatorToken, "HEYQ_OPERATOR_TOKEN"
		return nil
	}
	fresh := func() string { return "heyq_" + rand.Text() }
	if c.Store.DatabaseURL.IsSet() {
		secret, err := a.store.Keep(ctx, tokenFile, fresh())
		if err != nil {
			return err
		}
		a.token, a.where.Token = config.NewSecret(secret), "kept in the database"
		if !a.plays(API) && !a.plays(Dashboard) {
			return nil
		}
		if KeptToken(c) != a.token {
			_ = os.Remove(filepath.Join(c.Store.Dir, tokenFile)) // of another database
		}
		fresh = a.token.Reveal
	}
	secret, path, err := kept(c.Store.Dir, tokenFile, fresh)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "cannot keep the operator token: %v", err).
			WithHint("set HEYQ_OPERATOR_TOKEN for every role and for the commands, or let heyq write to HEYQ_DIR")
	}
	a.token, a.where.Token = config.NewSecret(secret), path
	if !config.IsOperatorToken(a.token) {
		return fault.New(fault.Invalid, "the file %s holds no operator token", path).
			WithHint("remove it to have another one made, or set HEYQ_OPERATOR_TOKEN")
	}
	return nil
}

// OperatorToken returns what lets in.
func (a *App) OperatorToken() config.Secret { return a.token }

// KeptToken returns the token that a heyq with this data folder has made. It is
// not set where there is none, or none that this user may read.
func KeptToken(c config.Config) config.Secret {
	content, err := os.ReadFile(filepath.Join(c.Store.Dir, tokenFile))
	if err != nil {
		return config.Secret{}
	}
	return config.NewSecret(strings.TrimSpace(string(content)))
}

// announceServing leaves a note in the data folder that the API is served at an
// address. It is locked for as long as this process lives, so that it says nothing
// after a kill. Commands show the kept token nowhere else.
func (a *App) announceServing(ctx context.Context, addr net.Addr) error {
	_, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return err
	}
	dir := filepath.Join(a.config.Store.Dir, servingDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("note where the API is served: %w", err)
	}
	note := flock.New(filepath.Join(dir, port), flock.SetPermissions(0o600))
	ctx, cancel := context.WithTimeout(ctx, servingWait)
	defer cancel()
	if locked, err := note.TryLockContext(ctx, servingWait/100); !locked { // a command looks at it for a moment
		return fmt.Errorf("note where the API is served: %w", err)
	}
	a.onClose(func() error { return errors.Join(os.Remove(note.Path()), note.Unlock()) })
	return nil
}

// servingWait is how long the lock of the note may be somebody else's.
const servingWait = time.Second

// ServesAt reports whether a heyq with this data folder serves its API at a URL
// on this machine, by the note that it left there and holds locked.
func ServesAt(c config.Config, address string) bool {
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
	note := flock.New(filepath.Join(c.Store.Dir, servingDir, port), flock.SetFlag(os.O_RDONLY))
	free, err := note.TryRLock()
	if free {
		_ = note.Unlock()
	}
	return !free && err == nil
}

// guard puts authentication before h. Everything that this process serves to others
// goes through it; home is where a login leads.
func (a *App) guard(home string) func(http.Handler) http.Handler {
	o := auth.Options{
		Token: a.token.Reveal(), Open: openPaths, Sessions: a.redis, Home: home,
		Secure:  strings.HasPrefix(a.config.HTTP.PublicURL, "https://"),
		Proxies: a.config.HTTP.TrustedProxies, Known: crowd.Vouch, Logger: a.log,
	}
	if u, err := url.Parse(a.config.HTTP.PublicURL); err == nil && u.Hostname() != "" {
		o.Hosts = []string{strings.ToLower(u.Hostname())}
	}
	return auth.New(o).Guard
}
