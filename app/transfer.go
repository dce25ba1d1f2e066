package app

import (
	"context"
	"errors"
	"io"

	"heyq/config"
	"heyq/store/sqlite"
	"heyq/store/transfer"
)

// Source is a store that is read as a whole.
type Source interface {
	transfer.Source
	io.Closer
}

// OpenSource opens the store that OpenStore would, to be read only, and says what
// it is. A heyq may be at work on it.
func OpenSource(ctx context.Context, c config.Config) (s Source, name string, err error) {
	name = c.Database()
	if !c.Store.DatabaseURL.IsSet() {
		s, err := sqlite.OpenSnapshot(ctx, c.DatabasePath())
		return s, name, err
	}
	p, err := openPostgres(ctx, c)
	if err != nil {
		return nil, name, err
	}
	if err := p.CheckSchema(ctx); err != nil {
		return nil, name, errors.Join(err, p.Close())
	}
	return p, name, nil
}
