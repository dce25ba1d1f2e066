package testservers

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// follow makes the server a replica of another one and waits until it has the
// other's data.
func (s *RedisServer) follow(ctx context.Context, master *RedisServer) error {
	client := s.client()
	defer client.Close()
	host, port, _ := net.SplitHostPort(master.addr)
	if err := client.ReplicaOf(ctx, host, port).Err(); err != nil {
		return fmt.Errorf("redis: follow %s: %w", master.addr, err)
	}
	if err := eventually(ctx, s.linked); err != nil {
		return fmt.Errorf("redis: follow %s: %w", master.addr, err)
	}
	return nil
}

// linked reports whether a replica is in touch with its master.
func (s *RedisServer) linked(ctx context.Context) error {
	return s.says(ctx, "master_link_status:up")
}

// writable reports whether the server is a master.
func (s *RedisServer) writable(ctx context.Context) error {
	return s.says(ctx, "role:master")
}

// says looks for a line in what the server tells about its replication.
func (s *RedisServer) says(ctx context.Context, line string) error {
	client := s.client()
	defer client.Close()
	info, err := client.Info(ctx, "replication").Result()
	if err != nil {
		return err
	}
	if !strings.Contains(info, line+"\r\n") {
		return errors.New("not yet " + line)
	}
	return nil
}

// sever keeps replicas from following the server any further. They have all
// that it was told so far, and do not get in again until it is started anew.
func (s *RedisServer) sever(ctx context.Context, replicas int) error {
	client := s.client()
	defer client.Close()
	// WAIT speaks of what its own connection said, which comes after all else.
	if err := client.Publish(ctx, "last", "words").Err(); err != nil {
		return fmt.Errorf("redis: speak to the replicas: %w", err)
	}
	if n, err := client.Wait(ctx, replicas, 5*time.Second).Result(); err != nil || int(n) < replicas {
		return fmt.Errorf("redis: %d of %d replicas are up to date (%w)", n, replicas, err)
	}
	if err := client.ACLSetUser(ctx, "default", "-psync", "-sync").Err(); err != nil {
		return fmt.Errorf("redis: refuse replicas: %w", err)
	}
	if err := client.Do(ctx, "CLIENT", "KILL", "TYPE", "replica").Err(); err != nil {
		return fmt.Errorf("redis: cut replicas off: %w", err)
	}
	return nil
}

// eventually calls check until it returns nil or ctx ends, and says what it
// said last.
func eventually(ctx context.Context, check func(context.Context) error) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		err := check(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ctx.Err(), err)
		case <-tick.C:
		}
	}
}

// subfolder makes a folder for one of several servers.
func subfolder(dir, what string, i int) (string, error) {
	path := filepath.Join(dir, fmt.Sprintf("%s-%d", what, i))
	if err := os.MkdirAll(path, 0o700); err != nil {
		return "", fmt.Errorf("make a folder: %w", err)
	}
	return path, nil
}

func addrs(servers []*RedisServer) []string {
	list := make([]string, len(servers))
	for i, s := range servers {
		list[i] = s.addr
	}
	return list
}
