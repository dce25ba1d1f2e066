package app

import (
	"context"
	"errors"

	"github.com/rs/zerolog"

	"heyq/config"
	"heyq/heygen"
	"heyq/media"
	"heyq/operate/identity"
	"heyq/store"
)

// openIdentity refuses to work on what belongs to another installation. The
// embedded Redis is this process' own.
func (a *App) openIdentity(ctx context.Context) error {
	if a.store == nil {
		return nil // a dashboard without rows
	}
	o := a.owned()
	if a.heygen != nil {
		o.Account = identity.AccountOf(a.heygen)
		if a.simulator != nil {
			o.Account = identity.AccountOf(nil)
		}
	}
	a.identity = identity.New(o)
	return a.identity.Start(ctx)
}

// owned is what an installation has to itself, as far as it is open.
func (a *App) owned() identity.Options {
	o := identity.Options{Store: a.store, Log: a.log}
	if a.config.Redis.URL.IsSet() {
		o.Places = append(o.Places, identity.InRedis(a.redis, a.where.Redis))
	}
	if a.media != nil {
		o.Places = append(o.Places, mediaPlace{a.media, a.where.Media})
	}
	return o
}

// mayCall is asked before each call of HeyGen.
func (a *App) mayCall(name string) error {
	if k := a.identity; k != nil {
		return k.Permit(name)
	}
	return nil
}

// mediaPlace is the media store.
type mediaPlace struct {
	library *media.Library
	url     string
}

func (p mediaPlace) Name() string { return "the media store " + p.url }

func (p mediaPlace) Mark(ctx context.Context) (identity.Mark, error) {
	text, err := p.library.Mark(ctx)
	return identity.Decode(text), err
}

func (p mediaPlace) SetMark(ctx context.Context, m identity.Mark) error {
	return p.library.SetMark(ctx, m.Encode())
}

// Adopt makes the database of c the owner of everything else that c names, and
// tells of what was another's. No worker may run meanwhile.
func Adopt(ctx context.Context, c config.Config, tell func(string)) (self store.Installation, err error) {
	a := &App{config: c, log: zerolog.Nop(), options: Options{Roles: []Role{Worker}}}
	defer func() { err = errors.Join(err, a.close()) }()
	if err := a.open(ctx, a.openStore, a.openRedis, a.openPolicies, a.openMedia); err != nil {
		return self, err
	}
	o := a.owned()
	if c.HeyGen.APIKey.IsSet() {
		client, err := heygen.New(heygen.Options{BaseURL: c.HeyGen.URL, APIKey: c.HeyGen.APIKey.Reveal()})
		if err != nil {
			return self, err
		}
		o.Account = identity.AccountOf(client)
	}
	k := identity.New(o)
	err = k.Adopt(ctx, tell)
	return k.Self(), err
}
