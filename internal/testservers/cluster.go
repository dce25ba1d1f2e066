package testservers

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
)

// RedisCluster is a Redis Cluster of three masters, and a replica for each if
// it is Replicated. Its methods are safe for concurrent use.
type RedisCluster struct {
	nodes []*RedisServer // the masters, then their replicas in the same order
}

// masters is how many share the slots.
const masters = 3

// clusterSlots is how many slots there are to share.
const clusterSlots = 16384

// StartCluster starts a cluster that keeps its files in dir and returns when
// every node says that it is whole, which takes a second or two. A node counts
// as gone when it has been silent for a second. ctx bounds the start only.
// ErrMissing: Redis is not installed.
func StartCluster(ctx context.Context, dir string, opts ...Option) (*RedisCluster, error) {
	c := &RedisCluster{}
	if err := c.start(ctx, dir, opts); err != nil {
		c.Close()
		return nil, fmt.Errorf("cluster: %w", err)
	}
	return c, nil
}

func (c *RedisCluster) start(ctx context.Context, dir string, opts []Option) error {
	program, err := find("redis-server", "redis-server")
	if err != nil {
		return err
	}
	o := gather(append([]Option{
		With("cluster-enabled", "yes"), With("cluster-node-timeout", "1000"), With("repl-diskless-sync-delay", "0"),
		With("cluster-replica-validity-factor", "0"), // none is too old to take over
	}, opts...))
	nodes := masters
	if o.replicas {
		nodes *= 2
	}
	for i := range nodes {
		home, err := subfolder(dir, "node", i)
		if err != nil {
			return err
		}
		node, err := startRedis(ctx, program, home, o.secure, freeBusAddr, func(addr string) ([]string, error) { return o.redis(home, addr), nil })
		if err != nil {
			return err
		}
		c.nodes = append(c.nodes, node)
	}
	if err := c.join(ctx); err != nil {
		return err
	}
	for i, node := range c.nodes[masters:] {
		if err := node.replicate(ctx, c.nodes[i]); err != nil {
			return err
		}
	}
	return c.Ready(ctx)
}

// join shares the slots among the masters, and introduces every node to the
// first one. The others hear of each other from it.
func (c *RedisCluster) join(ctx context.Context) error {
	host, port, _ := net.SplitHostPort(c.nodes[0].addr)
	for i, node := range c.nodes {
		client := node.client()
		defer client.Close()
		if i < masters {
			if err := client.ClusterAddSlotsRange(ctx, i*clusterSlots/masters, (i+1)*clusterSlots/masters-1).Err(); err != nil {
				return fmt.Errorf("share the slots: %w", err)
			}
		}
		if i > 0 {
			if err := client.ClusterMeet(ctx, host, port).Err(); err != nil {
				return fmt.Errorf("meet: %w", err)
			}
		}
	}
	return nil
}

// replicate makes the node a replica of another one, as soon as it has heard of
// it.
func (s *RedisServer) replicate(ctx context.Context, master *RedisServer) error {
	of := master.client()
	defer of.Close()
	id, err := of.ClusterMyID(ctx).Result()
	if err != nil {
		return fmt.Errorf("ask for the id: %w", err)
	}
	client := s.client()
	defer client.Close()
	return eventually(ctx, func(ctx context.Context) error {
		return client.ClusterReplicate(ctx, id).Err()
	})
}

// Ready waits until every running node says that the cluster is whole: each
// slot has a master, and each replica is in touch with its own.
func (c *RedisCluster) Ready(ctx context.Context) error {
	for _, node := range c.nodes {
		if node.PID() == 0 {
			continue
		}
		if err := eventually(ctx, func(ctx context.Context) error { return node.clusterOK(ctx, len(c.nodes)) }); err != nil {
			return fmt.Errorf("cluster: wait for %s: %w", node.addr, err)
		}
	}
	return nil
}

func (s *RedisServer) clusterOK(ctx context.Context, nodes int) error {
	client := s.client()
	defer client.Close()
	info, err := client.ClusterInfo(ctx).Result()
	if err != nil {
		return err
	}
	for _, line := range []string{"cluster_state:ok", "cluster_known_nodes:" + strconv.Itoa(nodes)} {
		if !strings.Contains(info, line+"\r\n") {
			return errors.New("not yet " + line)
		}
	}
	if s.writable(ctx) == nil {
		return nil
	}
	return s.linked(ctx)
}

// URL returns the address in the form of REDIS_URL:
// redis-cluster://host:port,host:port,host:port. It stays the same.
func (c *RedisCluster) URL() string {
	return c.nodes[0].secure.address("-cluster", strings.Join(addrs(c.nodes[:masters]), ","), url.Values{})
}

// Nodes returns the servers: the three masters as they were at the start, then
// the replica of each in the same order.
func (c *RedisCluster) Nodes() []*RedisServer { return c.nodes }

// Master returns the number of the node that has the slot of key now: all
// others send who asks for it elsewhere.
func (c *RedisCluster) Master(ctx context.Context, key string) (int, error) {
	var errs []error
	for i, node := range c.nodes {
		client := node.client()
		err := client.Exists(ctx, key).Err()
		client.Close()
		if err == nil {
			return i, nil
		}
		errs = append(errs, err)
	}
	return 0, fmt.Errorf("cluster: find the master of %s: %w", key, errors.Join(errs...))
}

// Sever cuts the replica off node i, which goes on answering. It has what the
// node was told before; what that is told from now on is lost when it is killed.
func (c *RedisCluster) Sever(ctx context.Context, i int) error { return c.nodes[i].sever(ctx, 1) }

// Kill ends node i at once, as a crash would.
func (c *RedisCluster) Kill(i int) { c.nodes[i].Kill() }

// Start starts node i again at the same address. It knows its place in the
// cluster, and holds no data but what it is Durable for or has from its master.
func (c *RedisCluster) Start(ctx context.Context, i int) error { return c.nodes[i].Start(ctx) }

// Close stops all nodes.
func (c *RedisCluster) Close() {
	var all sync.WaitGroup
	for _, node := range c.nodes {
		all.Go(node.Kill) // their data is not read again
	}
	all.Wait()
}

// freeBusAddr is FreeAddr for a node of a cluster, which uses the port 10,000
// above its own as well.
func freeBusAddr() (string, error) {
	const bus, highest = 10_000, 32_767 // see firstPort
	for range 1000 {
		addr, err := FreeAddr()
		if err != nil {
			return "", err
		}
		host, portText, _ := net.SplitHostPort(addr)
		port, err := strconv.Atoi(portText)
		if err != nil || port+bus > highest {
			continue
		}
		l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port+bus)))
		if err != nil {
			continue
		}
		return addr, l.Close()
	}
	return "", errors.New("find a free port: none that has a free one 10,000 above")
}
