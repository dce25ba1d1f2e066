package app

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"heyq/config"
	"heyq/internal/callback"
	"heyq/internal/door"
	"heyq/internal/fault"
)

// tokenFile is where a heyq that is alone keeps the operator token it has made.
const tokenFile = "operator-token"

// openPaths are what needs no token: probes have none, and HeyGen's deliveries
// are signed, or go to an address that nobody else knows.
var openPaths = []string{"GET /healthz", "GET /readyz", callback.Path, callback.Path + "/{video}/{token}"}

// openDoor finds the operator token.
func (a *App) openDoor(context.Context) (err error) {
	a.token, a.where.Token, err = operatorToken(a.config)
	return err
}

// OperatorToken returns what lets in; it is not set where the door is open.
func (a *App) OperatorToken() config.Secret { return a.token }

// operatorToken is the configured one, and where it is from. A heyq that has
// the data folder to itself makes one where there is none; several processes
// would each make their own, and do without.
func operatorToken(c config.Config) (token config.Secret, from string, err error) {
	switch {
	case c.HTTP.OperatorToken.IsSet():
		return c.HTTP.OperatorToken, "HEYQ_OPERATOR_TOKEN", nil
	case c.Store.DatabaseURL.IsSet():
		return config.Secret{}, "none: open to everybody on this machine", nil
	}
	secret, path, err := kept(c.Store.Dir, tokenFile, func() string { return "heyq_" + rand.Text() })
	if err != nil {
		return config.Secret{}, "", fmt.Errorf("keep the operator token: %w", err)
	}
	token = config.NewSecret(secret)
	if !config.IsOperatorToken(token) {
		return config.Secret{}, "", fault.New(fault.Invalid, "the file %s holds no operator token", path).
			WithHint("remove it to have another one made, or set HEYQ_OPERATOR_TOKEN")
	}
	return token, path, nil
}

// KeptToken returns the token that a heyq with this data folder has made, for a
// command that talks to it. It is not set where there is none, or none that this
// user may read.
func KeptToken(c config.Config) config.Secret {
	content, err := os.ReadFile(filepath.Join(c.Store.Dir, tokenFile))
	if err != nil {
		return config.Secret{}
	}
	return config.NewSecret(strings.TrimSpace(string(content)))
}

// guard puts the door around h, where there is a token. Everything that this
// process serves to others goes through it; home is where a login leads.
func (a *App) guard(home string) func(http.Handler) http.Handler {
	if !a.token.IsSet() {
		return nil
	}
	return door.New(door.Options{
		Token: a.token.Reveal(), Open: openPaths, Sessions: a.redis, Home: home,
		Secure: strings.HasPrefix(a.config.HTTP.PublicURL, "https://"), Logger: a.log,
	}).Guard
}
