package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"heyq/bench/seed"
	"heyq/internal/testservers"
	"heyq/store"
	"heyq/store/postgres"
	"heyq/store/sqlite"
)

// slots are as many as are held at first.
const slots = 10

// table has a row a question and a column a size.
type table struct {
	took map[string][]time.Duration
}

func (t table) print(to io.Writer, kind string, sizes []int) {
	fmt.Fprintf(to, "\n%-58s", kind+", milliseconds")
	for _, n := range sizes {
		fmt.Fprintf(to, "%12d", n)
	}
	fmt.Fprintln(to)
	for _, q := range questions {
		fmt.Fprintf(to, "%-58s", q.name)
		for _, took := range t.took[q.name] {
			fmt.Fprintf(to, "%12.2f", float64(took.Microseconds())/1000)
		}
		fmt.Fprintln(to)
	}
}

// measure lets one store grow and asks it at each size.
func measure(ctx context.Context, o options, kind, dir string) (t table, err error) {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return t, err
	}
	db, tidy, end, err := open(ctx, kind, dir)
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, end()) }()
	t.took = map[string][]time.Duration{}
	held = slots
	size := 0
	for _, n := range o.sizes {
		if err := grow(ctx, db, o, size, n); err != nil {
			return t, err
		}
		if err := tidy(ctx); err != nil {
			return t, err
		}
		size = n
		for _, q := range questions {
			took, err := median(ctx, o.looks, func(ctx context.Context) error { return q.ask(ctx, db) })
			if err != nil {
				return t, fmt.Errorf("%s: %w", q.name, err)
			}
			t.took[q.name] = append(t.took[q.name], took)
		}
	}
	return t, nil
}

// open starts a store in dir. It returns what does at once that which autovacuum
// does in time, and what ends it.
func open(ctx context.Context, kind, dir string) (db store.Store, tidy func(context.Context) error, end func() error, err error) {
	if kind == "sqlite" {
		db, err := sqlite.Open(ctx, filepath.Join(dir, "heyq.db"))
		if err != nil {
			return nil, nil, nil, err
		}
		return db, func(context.Context) error { return nil }, db.Close, nil
	}
	server, err := testservers.StartPostgres(ctx, dir, testservers.Durable(), testservers.With("shared_buffers", "128MB")) // its default
	if err != nil {
		return nil, nil, nil, err
	}
	url, err := server.CreateDatabase(ctx, "heyq", "")
	if err != nil {
		return nil, nil, nil, errors.Join(err, server.Close())
	}
	pg, err := postgres.Open(ctx, url)
	if err != nil {
		return nil, nil, nil, errors.Join(err, server.Close())
	}
	end = func() error { return errors.Join(pg.Close(), server.Close()) }
	if _, err := pg.Migrate(ctx); err != nil {
		return nil, nil, nil, errors.Join(err, end())
	}
	return pg, func(ctx context.Context) error { return vacuum(ctx, url) }, end, nil
}

func vacuum(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, `VACUUM (ANALYZE)`)
	return errors.Join(err, conn.Close(ctx))
}

// grow writes what is missing from from to to. Videos that wait come last: they
// would be admitted before those that follow.
func grow(ctx context.Context, db store.Store, o options, from, to int) error {
	if from > 0 {
		if err := drain(ctx, db); err != nil {
			return err
		}
	}
	failed := (to - from) / 100
	if err := seed.Failed(ctx, db, failed, failed); err != nil {
		return err
	}
	if err := seed.Completed(ctx, db, to-from-failed, to); err != nil {
		return err
	}
	if _, err := db.Rollup(ctx); err != nil {
		return err
	}
	if err := seed.InReview(ctx, db, o.looks+1, to); err != nil {
		return err
	}
	if err := seed.Queued(ctx, db, o.waiting, o.users); err != nil {
		return err
	}
	if _, err := db.Admit(ctx, slots); err != nil || !o.bounded {
		return err
	}
	_, err := db.SetTurn(ctx, store.Turn{UserID: store.DefaultUser, Weight: store.UsualWeight, Slots: 1})
	return err
}

// drain cancels what waits, so that only what is seeded next is admitted.
func drain(ctx context.Context, db store.Store) error {
	for {
		list, _, err := db.Videos(ctx, store.Everyone(), store.Filter{State: store.Queued}, store.Page{Number: 1, Size: 100})
		if err != nil || len(list) == 0 {
			return err
		}
		for _, v := range list {
			if _, _, err := db.Cancel(ctx, store.Everyone(), v.ID); err != nil {
				return err
			}
		}
	}
}

func median(ctx context.Context, looks int, ask func(context.Context) error) (time.Duration, error) {
	took := make([]time.Duration, looks)
	for i := -1; i < looks; i++ {
		start := time.Now()
		if err := ask(ctx); err != nil {
			return 0, err
		}
		if i >= 0 {
			took[i] = time.Since(start)
		}
	}
	slices.Sort(took)
	return took[looks/2], nil
}
