package config

import (
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// RedisTarget is a Redis URL taken apart, in the words of asynq's options,
// whose reading of these URLs it follows. redis-cluster:// is heyq's own.
type RedisTarget struct {
	Kind     RedisKind
	Network  string   // tcp or unix
	Addrs    []string // host:port, or the socket's path; the sentinels; some of the cluster's nodes
	TLS      bool
	Username string // cluster only
	Password Secret // with sentinels, theirs
	DB       int    // always 0 in a cluster
	Master   string // name of the master that the sentinels watch
}

// RedisKind is how many servers make up a Redis.
type RedisKind string

// The kinds of Redis; the empty one is no Redis at all.
const (
	RedisSingle   RedisKind = "single"
	RedisSentinel RedisKind = "sentinel"
	RedisCluster  RedisKind = "cluster"
)

const wantRedis = "redis://, rediss://, redis-socket://, redis-sentinel:// or redis-cluster://"

// ParseRedis reads the URL of a Redis. Its errors say what is wrong and show
// no part of the URL: an unescaped password can end up in any.
func ParseRedis(raw SecretURL) (RedisTarget, error) {
	u, err := url.Parse(raw.Reveal())
	if err != nil {
		return RedisTarget{}, errors.New("is no URL")
	}
	password, _ := u.User.Password()
	t := RedisTarget{Kind: RedisSingle, Network: "tcp", TLS: u.Scheme == "rediss", Password: NewSecret(password)}

	switch u.Scheme {
	case "redis", "rediss":
		if t.DB, err = database(strings.Trim(u.Path, "/")); err != nil {
			return RedisTarget{}, err
		}
		t.Addrs, err = addresses(u.Host, "6379")
		if len(t.Addrs) > 1 {
			return RedisTarget{}, errors.New("names several hosts; that is redis-cluster:// or redis-sentinel://")
		}
	case "redis-socket":
		if u.Host != "" || u.Path == "" {
			return RedisTarget{}, errors.New("wants an absolute path after three slashes, as in redis-socket:///run/redis.sock?db=0")
		}
		t.Network, t.Addrs = "unix", []string{u.Path}
		t.DB, err = database(u.Query().Get("db"))
	case "redis-sentinel":
		t.Kind, t.Master = RedisSentinel, u.Query().Get("master")
		if t.Master == "" {
			return RedisTarget{}, errors.New("does not name the master; add ?master=name")
		}
		t.Addrs, err = addresses(u.Host, "26379")
	case "redis-cluster":
		t.Kind, t.Username = RedisCluster, u.User.Username()
		if db := strings.Trim(u.Path, "/"); db != "" && db != "0" {
			return RedisTarget{}, errors.New("names a database, and a cluster has only number 0")
		}
		t.Addrs, err = addresses(u.Host, "6379")
	default:
		return RedisTarget{}, errors.New("has another scheme")
	}
	if err != nil {
		return RedisTarget{}, err
	}
	return t, nil
}

func database(s string) (int, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0, errors.New("has a database that is no number")
	}
	return n, nil
}

// addresses splits h1:p,h2:p and adds the port where it is left out.
func addresses(hosts, port string) ([]string, error) {
	var addrs []string
	for host := range strings.SplitSeq(hosts, ",") {
		u := url.URL{Host: host}
		if u.Hostname() == "" {
			return nil, errors.New("lacks a host")
		}
		p := u.Port()
		if p == "" {
			p = port
		}
		if !validPort(p) {
			return nil, errors.New("has a port that is no number from 1 to 65535")
		}
		addr := net.JoinHostPort(u.Hostname(), p)
		if name, _, err := net.SplitHostPort(addr); err != nil || name != u.Hostname() {
			return nil, errors.New("has a host that is no name and no address")
		}
		addrs = append(addrs, addr)
	}
	return addrs, nil
}

func validPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}
