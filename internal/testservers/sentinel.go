package testservers

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// RedisSentinel is one master, two replicas, and three sentinels that watch
// them: a master that is gone for half a second is replaced in about two. Its
// methods are safe for concurrent use.
type RedisSentinel struct {
	nodes     []*RedisServer
	sentinels []*RedisServer
}

// sentinelName is what the sentinels call the master.
const sentinelName = "heyq"

// StartSentinel starts a master, two replicas and three sentinels that keep
// their files in dir, and returns when all of them know each other, which takes
// about two seconds. Options are those of the Redis servers. ctx bounds the
// start only. ErrMissing: Redis is not installed.
func StartSentinel(ctx context.Context, dir string, opts ...Option) (*RedisSentinel, error) {
	s := &RedisSentinel{}
	if err := s.start(ctx, dir, opts); err != nil {
		s.Close()
		return nil, fmt.Errorf("sentinel: %w", err)
	}
	return s, nil
}

func (s *RedisSentinel) start(ctx context.Context, dir string, opts []Option) error {
	for i := range 3 {
		home, err := subfolder(dir, "redis", i)
		if err != nil {
			return err
		}
		node, err := StartRedis(ctx, home, append([]Option{With("repl-diskless-sync-delay", "0")}, opts...)...)
		if err != nil {
			return err
		}
		s.nodes = append(s.nodes, node)
		if i > 0 {
			if err := node.follow(ctx, s.nodes[0]); err != nil {
				return err
			}
		}
	}
	secure := gather(opts).secure
	for i := range 3 {
		home, err := subfolder(dir, "sentinel", i)
		if err != nil {
			return err
		}
		sentinel, err := startRedis(ctx, s.nodes[0].program, home, secure, FreeAddr, func(addr string) ([]string, error) {
			return watch(home, addr, s.nodes[0].addr, secure)
		})
		if err != nil {
			return err
		}
		s.sentinels = append(s.sentinels, sentinel)
	}
	return eventually(ctx, s.whole)
}

// watch writes the configuration of a sentinel, which keeps in it what it
// learns, and returns the command line.
func watch(dir, addr, master string, secure *Certificates) ([]string, error) {
	_, port, _ := net.SplitHostPort(addr)
	host, masterPort, _ := net.SplitHostPort(master)
	lines := []string{
		"bind 127.0.0.1",
		"port " + port,
		fmt.Sprintf("sentinel monitor %s %s %s 2", sentinelName, host, masterPort),
		"sentinel down-after-milliseconds " + sentinelName + " 500",
		"sentinel failover-timeout " + sentinelName + " 1000",
		"sentinel parallel-syncs " + sentinelName + " 2",
	}
	if secure != nil {
		for name, value := range secure.settings(port) {
			lines = append(lines, name+" "+value)
		}
	}
	path := filepath.Join(dir, "sentinel.conf")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("write the configuration: %w", err)
	}
	return []string{path, "--sentinel"}, nil
}

// whole reports what keeps a failover from being possible, as each sentinel
// sees it.
func (s *RedisSentinel) whole(ctx context.Context) error {
	for _, sentinel := range s.sentinels {
		client := sentinel.sentinelClient()
		master, err := client.Master(ctx, sentinelName).Result()
		client.Close()
		if err != nil {
			return err
		}
		if master["flags"] != "master" || master["num-slaves"] != "2" || master["num-other-sentinels"] != "2" {
			return fmt.Errorf("a sentinel knows %s replicas and %s others of a %s",
				master["num-slaves"], master["num-other-sentinels"], master["flags"])
		}
	}
	return nil
}

// URL returns the address in the form of REDIS_URL:
// redis-sentinel://host:port,host:port,host:port?master=heyq. It stays the same.
func (s *RedisSentinel) URL() string {
	return s.sentinels[0].secure.address("-sentinel", strings.Join(addrs(s.sentinels), ","), url.Values{"master": {sentinelName}})
}

// Master returns the server that the sentinels send clients to. After a kill
// that is the dead one until they have agreed on another.
func (s *RedisSentinel) Master(ctx context.Context) (*RedisServer, error) {
	var errs []error
	for _, sentinel := range s.sentinels {
		client := sentinel.sentinelClient()
		at, err := client.GetMasterAddrByName(ctx, sentinelName).Result()
		client.Close()
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, node := range s.nodes {
			if len(at) == 2 && node.addr == net.JoinHostPort(at[0], at[1]) {
				return node, nil
			}
		}
		errs = append(errs, fmt.Errorf("%v is none of ours", at))
	}
	return nil, fmt.Errorf("sentinel: find the master: %w", errors.Join(errs...))
}

// Sever cuts the replicas off the master, which goes on answering. They have
// what it was told before; what it is told from now on is lost when it is killed
// within half a minute. Later the replicas are too old for Sentinel: it promotes
// none that was cut off for ten times as long as a master may be silent, and that
// becomes three seconds here.
func (s *RedisSentinel) Sever(ctx context.Context) error {
	for _, sentinel := range s.sentinels {
		client := sentinel.sentinelClient()
		err := client.Set(ctx, sentinelName, "down-after-milliseconds", "3000").Err()
		client.Close()
		if err != nil {
			return fmt.Errorf("sentinel: be patient with the master: %w", err)
		}
	}
	master, err := s.Master(ctx)
	if err != nil {
		return err
	}
	return master.sever(ctx, len(s.nodes)-1)
}

// KillMaster ends the master at once, as a crash would, and returns it. The
// sentinels promote a replica by themselves; see Settled.
func (s *RedisSentinel) KillMaster(ctx context.Context) (*RedisServer, error) {
	master, err := s.Master(ctx)
	if err != nil {
		return nil, err
	}
	master.Kill()
	return master, nil
}

// Failover has the sentinels promote a replica though the master is well, and
// returns when the master is another one.
func (s *RedisSentinel) Failover(ctx context.Context) error {
	before, err := s.Master(ctx)
	if err != nil {
		return err
	}
	client := s.sentinels[0].sentinelClient()
	defer client.Close()
	// It refuses while the last failover is not long enough ago.
	if err := eventually(ctx, func(ctx context.Context) error { return client.Failover(ctx, sentinelName).Err() }); err != nil {
		return fmt.Errorf("sentinel: ask for a failover: %w", err)
	}
	return s.Settled(ctx, before)
}

// Settled waits until another server than before is the master and takes
// writes.
func (s *RedisSentinel) Settled(ctx context.Context, before *RedisServer) error {
	err := eventually(ctx, func(ctx context.Context) error {
		now, err := s.Master(ctx)
		if err != nil {
			return err
		}
		if now == before {
			return errors.New("the master is still the same")
		}
		return now.writable(ctx)
	})
	if err != nil {
		return fmt.Errorf("sentinel: wait for a new master: %w", err)
	}
	return nil
}

// Rejoin starts a killed server again, as a replica of the present master.
func (s *RedisSentinel) Rejoin(ctx context.Context, node *RedisServer) error {
	master, err := s.Master(ctx)
	if err != nil {
		return err
	}
	if err := node.Start(ctx); err != nil {
		return err
	}
	return node.follow(ctx, master)
}

// Close stops all servers.
func (s *RedisSentinel) Close() {
	var all sync.WaitGroup
	for _, server := range append(s.sentinels, s.nodes...) {
		all.Go(server.Kill) // their data is not read again
	}
	all.Wait()
}

func (s *RedisServer) sentinelClient() *redis.SentinelClient {
	return redis.NewSentinelClient(&redis.Options{
		Addr: s.addr, PoolSize: 1, MaxRetries: -1, DialerRetries: 1, DialTimeout: time.Second, ReadTimeout: time.Second, TLSConfig: s.tls(),
	})
}
