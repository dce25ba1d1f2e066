package testkit

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"heyq/internal/servers"
)

// PostgresServer is a Postgres cluster that a test may stop, kill and start.
type PostgresServer = servers.PostgresServer

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
func StartPostgres(t testing.TB, opts ...servers.Option) *PostgresServer {
	t.Helper()
	s, err := servers.StartPostgres(startContext(t), "", opts...)
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
func (tp *Template) in(ctx context.Context, s *servers.PostgresServer) (string, error) {
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

// StartPgBouncer starts a connection pooler with that pool_mode before a cluster.
func StartPgBouncer(t testing.TB, s *PostgresServer, mode string) *servers.PgBouncer {
	t.Helper()
	b, err := servers.StartPgBouncer(startContext(t), s, mode)
	mustStart(t, err)
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}
