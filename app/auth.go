package app

import (
	"context"
	"crypto/rand"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"heyq/config"
	"heyq/internal/auth"
	"heyq/internal/crowd"
	"heyq/internal/datafolder"
	"heyq/internal/fault"
	"heyq/internal/filelink"
	"heyq/internal/heygenhook"
	"heyq/people"
	"heyq/store"
	"heyq/web"
)

// openPaths are what needs no token. Probes have none. HeyGen's deliveries are signed, or go to an address that only HeyGen knows. Links to
// files are signed. The stylesheet holds no secret.
var openPaths = []string{
	"GET /healthz", "GET /readyz", heygenhook.Path, heygenhook.Path + "/{video}/{token}",
	"GET " + filelink.Path + "/{video}/{file}/{expires}/{signature}", web.AssetPattern,
}

// triedPaths need none either: who sets a password has a link. Tries are counted.
var triedPaths = []string{"POST /v1/password"}

// openDoor finds the operator token: the configured one, or one that heyq makes
// and keeps. With Postgres it is kept in the database, so that all processes have
// the same, and copied into the data folder of those that serve people, if it can be
// written to: commands on this machine find it there.
func (a *App) openDoor(ctx context.Context) error {
	c := a.config
	if c.HTTP.OperatorToken.IsSet() {
		a.token, a.where.Token = c.HTTP.OperatorToken, "HEYQ_OPERATOR_TOKEN"
		return nil
	}
	fresh := func() string { return "heyq_" + rand.Text() }
	if c.Store.DatabaseURL.IsSet() {
		secret, err := a.store.Keep(ctx, datafolder.OperatorToken, fresh())
		if err != nil {
			return err
		}
		a.token, a.where.Token = config.NewSecret(secret), "kept in the database"
		if !a.plays(API) && !a.plays(Dashboard) {
			return nil
		}
		if KeptToken(c) != a.token {
			_ = os.Remove(filepath.Join(c.Store.Dir, datafolder.OperatorToken)) // of another database
		}
		fresh = a.token.Reveal
	}
	secret, path, err := datafolder.Secret(c.Store.Dir, datafolder.OperatorToken, fresh)
	if err != nil && c.Store.DatabaseURL.IsSet() {
		a.log.Warn().Err(err).Msg("the operator token is in the database alone, where commands on this machine do not find it: set HEYQ_OPERATOR_TOKEN for every role and for the commands")
		return nil
	}
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

// OperatorToken returns the token that opens the API and the dashboard.
func (a *App) OperatorToken() config.Secret { return a.token }

// KeptToken returns the token that a heyq with this data folder has made. It is
// not set if there is none, or none that this user may read.
func KeptToken(c config.Config) config.Secret {
	return config.NewSecret(datafolder.Read(c.Store.Dir, datafolder.OperatorToken))
}

// announceServing leaves a note in the data folder that the API is served at an
// address. Commands show the kept token nowhere else.
func (a *App) announceServing(ctx context.Context, addr net.Addr) error {
	withdraw, err := datafolder.Announce(ctx, a.config.Store.Dir, addr)
	if err == nil {
		a.onClose(withdraw)
	}
	return err
}

// buildPeople builds what knows users, their keys, passwords and logins.
func (a *App) buildPeople() {
	a.logins = auth.NewLogins(a.redis, a.token.Reveal(), nil)
	if a.store == nil {
		return
	}
	aside := people.NewAside(a.log)
	if a.registry != nil { // the dashboard alone tells no metrics
		a.registry.MustRegister(aside.Collector())
	}
	a.users, a.keys = people.NewUsers(a.store, a.redis, aside), people.NewKeys(a.store, aside)
	a.passwords = people.NewPasswords(a.store, a.users, a.logins, a.redis)
}

// guard puts authentication before h. Everything that this process serves to others
// goes through it; home is where an operator's login leads. Users' keys and logins are let
// in if keyed, and then what is behind the guard asks what the caller may do.
func (a *App) guard(home string, keyed bool) func(http.Handler) http.Handler {
	o := auth.Options{
		Token: a.token.Reveal(), Operator: people.Owner(), OperatorID: store.DefaultUser, Open: openPaths, Tried: triedPaths, Logins: a.logins, Home: home,
		Secure:  strings.HasPrefix(a.config.HTTP.PublicURL, "https://"),
		Proxies: a.config.HTTP.TrustedProxies, Known: crowd.Vouch, Logger: a.log,
	}
	if keyed {
		o.Find, o.Users = a.keys.Bearer, people.Members{Users: a.users, Passwords: a.passwords}
		o.Header = a.config.HTTP.TrustedHeader
	}
	if u, err := url.Parse(a.config.HTTP.PublicURL); err == nil && u.Hostname() != "" {
		o.Hosts = []string{strings.ToLower(u.Hostname())}
	}
	return auth.New(o).Guard
}
