package testservers

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// PgBouncer is a private connection pooler before a PostgresServer, on a unix socket.
type PgBouncer struct {
	home *folder
	proc *process
}

// StartPgBouncer starts a pooler with that pool_mode before s, and returns when it
// answers. ErrMissing: it is not installed.
func StartPgBouncer(ctx context.Context, s *PostgresServer, mode string) (*PgBouncer, error) {
	program, err := find("pgbouncer", "pgbouncer", "/usr/sbin")
	if err != nil {
		return nil, err
	}
	account, err := unprivileged()
	if err != nil {
		return nil, err
	}
	home, err := privateDir("pgb", account)
	if err != nil {
		return nil, fmt.Errorf("pgbouncer: %w", err)
	}
	b := &PgBouncer{home: home}
	if err := b.start(ctx, program, account, s, mode); err != nil {
		home.remove()
		return nil, fmt.Errorf("pgbouncer: %w", err)
	}
	return b, nil
}

func (b *PgBouncer) start(ctx context.Context, program string, account *account, s *PostgresServer, mode string) (err error) {
	settings := fmt.Sprintf(`[databases]
* = host=%s port=%s
[pgbouncer]
listen_addr =
unix_socket_dir = %s
listen_port = %s
auth_type = trust
auth_file = %[3]s/users
pool_mode = %[5]s
default_pool_size = 40
max_client_conn = 200
`, s.home.path, s.port(), b.home.path, socketPort, mode)
	for name, text := range map[string]string{"users": `"` + superuser + `" ""` + "\n", "pgbouncer.ini": settings} {
		if err := os.WriteFile(filepath.Join(b.home.path, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	b.proc, err = launch(account, b.home.path, filepath.Join(b.home.path, "pgbouncer.log"), program, filepath.Join(b.home.path, "pgbouncer.ini"))
	if err != nil {
		return err
	}
	err = b.proc.ready(ctx, func(ctx context.Context) error {
		conn, err := pgx.Connect(ctx, b.URL("postgres"))
		if err != nil {
			return err
		}
		return conn.Close(ctx)
	})
	if err != nil {
		b.proc.kill()
	}
	return err
}

// URL returns the address of one of the cluster's databases by way of the pooler.
func (b *PgBouncer) URL(database string) string {
	query := url.Values{"host": {b.home.path}, "port": {socketPort}}
	return (&url.URL{Scheme: "postgres", User: url.User(superuser), Path: "/" + database, RawQuery: query.Encode()}).String()
}

// Close stops the pooler and removes its folder.
func (b *PgBouncer) Close() error {
	err := b.proc.end(syscall.SIGTERM, 30*time.Second)
	b.home.remove()
	return err
}
