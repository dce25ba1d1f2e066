package app

import (
	"context"
	"fmt"
	"time"

	"heyq/config"
	"heyq/internal/datafolder"
	"heyq/internal/durable"
	"heyq/internal/stats"
	"heyq/store"
	"heyq/store/postgres"
	"heyq/store/sqlite"
	"heyq/store/transfer"
)

func (a *App) openStore(ctx context.Context) error {
	s, err := openStore(ctx, a.config, a.observer(stats.Database))
	if err != nil {
		return err
	}
	a.store = s
	a.onClose(s.Close)
	a.where.Store = a.config.Database()
	if a.options.Migrate {
		_, err := s.Migrate(ctx)
		return err
	}
	return s.CheckSchema(ctx)
}

// openFolder looks at the data folder of a heyq whose database is elsewhere: tokens
// and downloads are there all the same. SQLite's is looked at with the database.
func (a *App) openFolder(context.Context) error {
	if !a.config.Store.DatabaseURL.IsSet() {
		return nil
	}
	return datafolder.Check(a.config.Store.Dir, false)
}

// Store is a store with its migrations, which an archive can fill.
type Store interface {
	store.Store
	store.Schema
	transfer.Target
}

// OpenStore opens Postgres if DATABASE_URL is set. Otherwise it opens SQLite in
// the data folder, which it creates. It does not migrate Postgres.
func OpenStore(ctx context.Context, c config.Config) (Store, error) {
	return openStore(ctx, c, nil)
}

// observer is told of operations; nil: nothing is measured.
type observer = func(name string, err error, took time.Duration)

func openStore(ctx context.Context, c config.Config, observe observer) (Store, error) {
	if c.Store.DatabaseURL.IsSet() {
		return openPostgres(ctx, c, postgres.WithObserver(observe))
	}
	if err := durable.MkdirAll(c.Store.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	if err := datafolder.Check(c.Store.Dir, true); err != nil {
		return nil, err
	}
	return sqlite.Open(ctx, c.DatabasePath(),
		sqlite.WithTiming(timing(c.Protocol)), sqlite.WithClock(c.Protocol.ClockOffset.Now), sqlite.WithObserver(observe))
}

func openPostgres(ctx context.Context, c config.Config, options ...postgres.Option) (*postgres.Store, error) {
	return postgres.Open(ctx, c.Store.DatabaseURL.Reveal(), append([]postgres.Option{
		postgres.WithTiming(timing(c.Protocol)), postgres.WithSchema(c.Store.Schema), postgres.WithConnections(c.Store.Connections),
	}, options...)...)
}

// timing is the part of the protocol that the store applies.
func timing(p config.Protocol) store.Timing {
	return store.Timing{
		Lease: p.Lease, Redispatch: p.Redispatch, Grace: p.Grace, KeyLifetime: p.KeyLifetime,
		RenderTimeout: p.RenderTimeout, SlotWriteOff: p.SlotWriteoff, SearchTimeout: p.SearchTimeout,
	}
}
