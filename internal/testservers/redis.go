package testservers

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
)

// RedisServer is a private Redis on a loopback port. Its methods are safe for
// concurrent use.
type RedisServer struct {
	program string
	dir     string
	addr    string
	args    []string
	secure  *Certificates // nil: no TLS

	mu   sync.Mutex
	proc *process // nil while stopped
}

// StartRedis starts a Redis that keeps its files in dir and returns when it
// answers. ctx bounds the start only. ErrMissing: it is not installed.
func StartRedis(ctx context.Context, dir string, opts ...Option) (*RedisServer, error) {
	program, err := find("redis-server", "redis-server")
	if err != nil {
		return nil, err
	}
	o := gather(opts)
	return startRedis(ctx, program, dir, o.secure, FreeAddr, func(addr string) ([]string, error) { return o.redis(dir, addr), nil })
}

// startRedis starts a server at an address that pick returns, with the command
// line for it.
func startRedis(ctx context.Context, program, dir string, secure *Certificates, pick func() (string, error),
	command func(addr string) ([]string, error),
) (*RedisServer, error) {
	// Between the choice of a free port and its use another program can take
	// it.
	for try := 1; ; try++ {
		addr, err := pick()
		if err != nil {
			return nil, err
		}
		args, err := command(addr)
		if err != nil {
			return nil, err
		}
		s := &RedisServer{program: program, dir: dir, addr: addr, args: args, secure: secure}
		err = s.Start(ctx)
		if err == nil {
			return s, nil
		}
		if try == 5 || !errors.Is(err, errEnded) {
			return nil, err
		}
	}
}

// URL returns the server's address as redis://127.0.0.1:port, or as rediss:// with its
// certificates. It stays the same over Stop, Kill and Start.
func (s *RedisServer) URL() string { return s.secure.address("", s.addr, url.Values{}) }

// PID returns the id of the running process, 0 while it is stopped.
func (s *RedisServer) PID() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc == nil {
		return 0
	}
	return s.proc.pid()
}

// Start starts a stopped server again at the same address. It holds what it
// held only if it is Durable. A running server is left alone.
func (s *RedisServer) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc != nil {
		return nil
	}
	p, err := launch(nil, s.dir, filepath.Join(s.dir, "redis.log"), s.program, s.args...)
	if err != nil {
		return fmt.Errorf("redis: %w", err)
	}
	if err := p.ready(ctx, func(ctx context.Context) error { return s.answers(ctx, p.pid()) }); err != nil {
		p.kill()
		return fmt.Errorf("redis: %w", err)
	}
	s.proc = p
	return nil
}

// Stop ends the server in good order. Stopping a stopped server is no error.
func (s *RedisServer) Stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc == nil {
		return nil
	}
	err := s.proc.end(syscall.SIGTERM, 10*time.Second)
	s.proc = nil
	return err
}

// Kill ends the server at once, as a crash would.
func (s *RedisServer) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc != nil {
		s.proc.kill()
		s.proc = nil
	}
}

// FlushAll empties every database of the server.
func (s *RedisServer) FlushAll(ctx context.Context) error {
	client := s.client()
	defer client.Close()
	if err := client.FlushAll(ctx).Err(); err != nil {
		return fmt.Errorf("redis: flush: %w", err)
	}
	return nil
}

// redis is the command line of a Redis with these options.
func (o options) redis(dir, addr string) []string {
	_, port, _ := net.SplitHostPort(addr)
	defaults := map[string]string{
		"bind": "127.0.0.1", "port": port, "dir": dir,
		"save": "", "appendonly": "no", "maxmemory-policy": "noeviction", "databases": "16",
	}
	if o.secure != nil {
		maps.Copy(defaults, o.secure.settings(port))
	}
	if o.durable {
		defaults["appendonly"], defaults["appendfsync"] = "yes", "always"
	}
	return o.over(defaults, func(name, value string) []string { return []string{"--" + name, value} })
}

// answers reports whether it is our process, and no stranger on the same port,
// that answers.
func (s *RedisServer) answers(ctx context.Context, pid int) error {
	// go-redis logs each dial that fails, and these are expected to.
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", s.addr)
	if err != nil {
		return err
	}
	conn.Close()

	client := s.client()
	defer client.Close()
	info, err := client.Info(ctx, "server").Result()
	if err != nil {
		return err
	}
	if !strings.Contains(info, "process_id:"+strconv.Itoa(pid)+"\r\n") {
		return fmt.Errorf("another server has %s", s.addr)
	}
	return nil
}

func (s *RedisServer) client() *redis.Client {
	return redis.NewClient(&redis.Options{Addr: s.addr, PoolSize: 1, MaxRetries: -1, DialerRetries: 1, TLSConfig: s.tls()})
}

// tls is nil without TLS.
func (s *RedisServer) tls() *tls.Config {
	if s.secure == nil {
		return nil
	}
	config, err := s.secure.Config()
	if err != nil { // the server has read the same files
		return &tls.Config{RootCAs: x509.NewCertPool()}
	}
	return config
}
