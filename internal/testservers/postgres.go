package testservers

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// PostgresServer is a private Postgres cluster on a unix socket, and on a
// loopback port if it was started with TCP. Its methods are safe for concurrent
// use.
type PostgresServer struct {
	program string
	data    string
	addr    string  // host:port; empty: only the socket
	home    *folder // socket and log; the data too, if the caller named no folder
	account *account
	opts    options

	mu     sync.Mutex
	proc   *process // nil while stopped
	killed bool     // the last process did not end in good order
}

// socketPort only names the socket if no TCP port is opened.
const socketPort = "54329"

// StartPostgres starts a cluster that keeps its data in dir/postgres, made if
// it does not exist, and returns when it answers. With an empty dir the data
// goes to a temporary folder that Close removes. If we are root it runs as
// another user, who must be able to enter dir. ctx bounds the start only.
// ErrMissing: it is not installed.
func StartPostgres(ctx context.Context, dir string, opts ...Option) (*PostgresServer, error) {
	program, err := find("postgres", "postgresql", "/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")
	if err != nil {
		return nil, err
	}
	account, err := unprivileged()
	if err != nil {
		return nil, err
	}
	home, err := privateDir("pg", account)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	if dir == "" {
		dir = home.path
	}
	s := &PostgresServer{program: program, data: filepath.Join(dir, "postgres"), home: home, account: account, opts: gather(opts)}
	if err := s.prepare(ctx); err != nil {
		home.remove()
		return nil, fmt.Errorf("postgres: %w", err)
	}
	if err := s.startFirst(ctx); err != nil {
		home.remove()
		return nil, err
	}
	return s, nil
}

// startFirst starts the cluster, and chooses its port if it has one. Between
// the choice of a free port and its use another program can take it.
func (s *PostgresServer) startFirst(ctx context.Context) (err error) {
	if !s.opts.tcp {
		return s.Start(ctx)
	}
	for try := 1; ; try++ {
		if s.addr, err = FreeAddr(); err != nil {
			return err
		}
		err = s.Start(ctx)
		if err == nil || try == 5 || !errors.Is(err, errEnded) {
			return err
		}
	}
}

// URL returns the address of one of the cluster's databases, as pgx and
// libpq read it. It stays the same over Stop, Kill and Start.
func (s *PostgresServer) URL(database string) string {
	query := url.Values{"host": {s.home.path}, "port": {s.port()}}
	return (&url.URL{Scheme: "postgres", User: url.User(superuser), Path: "/" + database, RawQuery: query.Encode()}).String()
}

// Addr returns the loopback host:port of a cluster that was started with TCP,
// and "" for any other. It stays the same over Stop, Kill and Start.
func (s *PostgresServer) Addr() string { return s.addr }

// port is in the socket's name as well.
func (s *PostgresServer) port() string {
	if _, port, err := net.SplitHostPort(s.addr); err == nil {
		return port
	}
	return socketPort
}

// PID returns the id of the running postmaster, 0 while it is stopped.
func (s *PostgresServer) PID() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc == nil {
		return 0
	}
	return s.proc.pid()
}

// Start starts a stopped cluster again at the same address, with its data. A
// running one is left alone.
func (s *PostgresServer) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc != nil {
		return nil
	}
	// After Kill the old backends may take a moment to notice; until they are
	// gone a new postmaster refuses to start.
	for try := 1; ; try++ {
		err := s.start(ctx)
		if err == nil {
			s.killed = false
			return nil
		}
		if !s.killed || try == 20 || !errors.Is(err, errEnded) {
			return fmt.Errorf("postgres: %w", err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("postgres: %w", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Stop ends the cluster in good order; open connections are cut. Stopping a
// stopped one is no error.
func (s *PostgresServer) Stop() error { return s.end(syscall.SIGINT) }

// Kill ends the cluster at once, as a crash would: nothing is written any
// more, and the next start recovers.
func (s *PostgresServer) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc != nil {
		s.proc.kill()
		s.proc, s.killed = nil, true
	}
}

// Close stops the cluster and removes its temporary folder.
func (s *PostgresServer) Close() error {
	err := s.end(syscall.SIGQUIT) // its data is not read again: no checkpoint
	s.home.remove()
	return err
}

func (s *PostgresServer) end(signal os.Signal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc == nil {
		return nil
	}
	err := s.proc.end(signal, 30*time.Second)
	s.proc = nil
	return err
}

// prepare makes the data folder if there is none.
func (s *PostgresServer) prepare(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(s.data, "PG_VERSION")); err == nil {
		return nil
	}
	if err := newCluster(ctx, s.program, s.data); err != nil {
		return err
	}
	return s.account.own(s.data)
}

func (s *PostgresServer) start(ctx context.Context) error {
	p, err := launch(s.account, s.home.path, filepath.Join(s.home.path, "postgres.log"), s.program, s.args()...)
	if err != nil {
		return err
	}
	if err := p.ready(ctx, s.answers); err != nil {
		p.kill()
		return err
	}
	s.proc = p
	return nil
}

func (s *PostgresServer) args() []string {
	defaults := map[string]string{
		"listen_addresses": "", "unix_socket_directories": s.home.path, "port": s.port(),
		"max_connections": "500", "shared_buffers": "32MB", "timezone": "UTC",
		"search_path": "heyq, public", // for who looks into it by hand; heyq sets its own
	}
	if s.opts.tcp {
		defaults["listen_addresses"] = "127.0.0.1"
	}
	if !s.opts.durable {
		defaults["fsync"], defaults["full_page_writes"], defaults["autovacuum"] = "off", "off", "off"
		defaults["wal_level"], defaults["max_wal_senders"] = "minimal", "0"
	}
	args := s.opts.over(defaults, func(name, value string) []string { return []string{"-c", name + "=" + value} })
	return append([]string{"-D", s.data}, args...)
}

func (s *PostgresServer) answers(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}
