package testkit

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"heyq/internal/testservers"
)

// PostgresServer is a Postgres cluster that a test may stop, kill and start.
type PostgresServer = testservers.PostgresServer

// Template fills a database once in a test process, for others to be copied
// from it, which is far faster than migrating each.
type Template struct {
	fill func(ctx context.Context, url string) error
	once sync.Once
	name string
	err  error
}

// NewTemplate returns a template that fill makes at its first use. fill must
// close its connections. Keep the template in a package variable.
func NewTemplate(fill func(ctx context.Context, url string) error) *Template {
	return &Template{fill: fill}
}

// Postgres returns the DATABASE_URL of a fresh, empty database that lives as
// long as the test.
func Postgres(t testing.TB) string {
	t.Helper()
	return database(t, nil)
}

// PostgresFrom is Postgres with a copy of the template in the database.
func PostgresFrom(t testing.TB, template *Template) string {
	t.Helper()
	return database(t, template)
}

// StartPostgres returns a cluster for this test alone, for those that break it.
func StartPostgres(t testing.TB, opts ...testservers.Option) *PostgresServer {
	t.Helper()
	s, err := testservers.StartPostgres(startContext(t), "", opts...)
	mustStart(t, err)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// databases numbers the databases of this process.
var databases atomic.Int64

func database(t testing.TB, template *Template) string {
	t.Helper()
	ctx := startContext(t)
	server, err := sharedCluster(ctx)
	mustStart(t, err)
	from, err := template.in(ctx, server)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("test_%d", databases.Add(1))
	url, err := server.CreateDatabase(ctx, name, from)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.DropDatabase(context.WithoutCancel(ctx), name); err != nil {
			t.Error(err)
		}
	})
	return url
}

// in returns the template's name in the cluster; a nil template is no template.
func (tp *Template) in(ctx context.Context, s *testservers.PostgresServer) (string, error) {
	if tp == nil {
		return "", nil
	}
	tp.once.Do(func() {
		tp.name = fmt.Sprintf("template_%d", databases.Add(1))
		var url string
		if url, tp.err = s.CreateDatabase(ctx, tp.name, ""); tp.err == nil {
			tp.err = tp.fill(ctx, url)
		}
	})
	if tp.err != nil {
		return "", fmt.Errorf("fill template: %w", tp.err)
	}
	return tp.name, nil
}

// WantRefused waits until one who asks again and again for an advisory lock that another
// holds has asked twice from now on, and so was refused once.
func WantRefused(t testing.TB, url string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	var asked time.Time
	if err := conn.QueryRow(t.Context(), `SELECT clock_timestamp()`).Scan(&asked); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		Eventually(t, func() error {
			return conn.QueryRow(t.Context(), `
				SELECT query_start FROM pg_stat_activity
				 WHERE datname = current_database() AND pid <> pg_backend_pid()
				   AND query LIKE 'SELECT pg_try_advisory_lock%' AND query_start > $1`, asked).Scan(&asked)
		})
	}
}

// StartPgBouncer starts a connection pooler with that pool_mode before a cluster.
func StartPgBouncer(t testing.TB, s *PostgresServer, mode string) *testservers.PgBouncer {
	t.Helper()
	b, err := testservers.StartPgBouncer(startContext(t), s, mode)
	mustStart(t, err)
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}
