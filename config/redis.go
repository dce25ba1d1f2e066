package config

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
)

// RedisTarget is a Redis URL taken apart. docs/operations.md has the grammar.
type RedisTarget struct {
	Kind     RedisKind
	Network  string   // tcp or unix
	Addrs    []string // host:port, or the socket's path; the sentinels; some of the cluster's nodes
	Username string   // of the Redis servers; "": their default user
	Password Secret
	DB       int // always 0 in a cluster

	Master           string // name of the master that the sentinels watch
	SentinelUsername string // of the sentinels themselves
	SentinelPassword Secret

	TLS        bool   // to each server, the sentinels included
	CA         string // file with the certificates that are trusted; "": the system's
	Cert, Key  string // files of the client's certificate; "": none
	ServerName string // in the servers' certificates; "": the host that is dialed
}

// RedisKind is how many servers make up a Redis.
type RedisKind string

// The kinds of Redis; the empty one is no Redis at all.
const (
	RedisSingle   RedisKind = "single"
	RedisSentinel RedisKind = "sentinel"
	RedisCluster  RedisKind = "cluster"
)

const wantRedis = "redis://, redis-socket://, redis-sentinel:// or redis-cluster://, or with rediss in place of redis over TLS"

// tlsParameters are those that a URL with rediss may have.
var tlsParameters = []string{"ca", "cert", "key", "server_name"}

// ParseRedis reads the URL of a Redis. Its errors say what is wrong and show
// no part of the URL: an unescaped password can end up in any.
func ParseRedis(raw SecretURL) (RedisTarget, error) {
	u, err := url.Parse(raw.Reveal())
	if err != nil {
		return RedisTarget{}, errors.New("is no URL")
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return RedisTarget{}, errors.New("has parameters that cannot be read")
	}
	password, _ := u.User.Password()
	t := RedisTarget{Kind: RedisSingle, Network: "tcp", Username: u.User.Username(), Password: NewSecret(password)}
	var parameters []string
	scheme, rest, _ := strings.Cut(u.Scheme, "-")
	if t.TLS = scheme == "rediss"; t.TLS {
		parameters = tlsParameters
		t.CA, t.Cert, t.Key, t.ServerName = query.Get("ca"), query.Get("cert"), query.Get("key"), query.Get("server_name")
		if (t.Cert == "") != (t.Key == "") {
			return RedisTarget{}, errors.New("names one of cert and key, and a client's certificate needs both")
		}
	}
	switch {
	case scheme != "redis" && scheme != "rediss":
		return RedisTarget{}, errors.New("has another scheme")
	case rest == "":
		if t.DB, err = database(strings.Trim(u.Path, "/")); err != nil {
			return RedisTarget{}, err
		}
		t.Addrs, err = addresses(u.Host, "6379")
		if len(t.Addrs) > 1 {
			return RedisTarget{}, errors.New("names several hosts; that is redis-cluster:// or redis-sentinel://")
		}
	case rest == "socket" && !t.TLS:
		parameters = []string{"db"}
		if u.Host != "" || u.Path == "" {
			return RedisTarget{}, errors.New("wants an absolute path after three slashes, as in redis-socket:///run/redis.sock?db=0")
		}
		t.Network, t.Addrs = "unix", []string{u.Path}
		t.DB, err = database(query.Get("db"))
	case rest == "sentinel":
		parameters = append(slices.Clone(parameters), "master", "sentinel_username", "sentinel_password")
		t.Kind, t.Master = RedisSentinel, query.Get("master")
		t.SentinelUsername, t.SentinelPassword = query.Get("sentinel_username"), NewSecret(query.Get("sentinel_password"))
		if t.Master == "" {
			return RedisTarget{}, errors.New("does not name the master; add ?master=name")
		}
		if t.DB, err = database(strings.Trim(u.Path, "/")); err != nil {
			return RedisTarget{}, err
		}
		t.Addrs, err = addresses(u.Host, "26379")
	case rest == "cluster":
		t.Kind = RedisCluster
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
	for name, values := range query {
		if !slices.Contains(parameters, name) || len(values) > 1 {
			// Not its name: what stands here may be the rest of a password.
			return RedisTarget{}, errors.New("has a parameter twice, or one that is not known to this kind of Redis; it takes " + known(parameters))
		}
	}
	return t, nil
}

func known(parameters []string) string {
	if len(parameters) == 0 {
		return "none"
	}
	return strings.Join(parameters, ", ")
}

// TLSConfig reads the files that the URL names. It is nil without TLS.
func (t RedisTarget) TLSConfig() (*tls.Config, error) {
	if !t.TLS {
		return nil, nil
	}
	c := &tls.Config{ServerName: t.ServerName} // without one crypto/tls takes the host's name from the address
	if t.CA != "" {
		pem, err := os.ReadFile(t.CA)
		if err != nil {
			return nil, errors.New("names a file in ca that cannot be read")
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, errors.New("names a file in ca that holds no certificate in PEM")
		}
	}
	if t.Cert != "" {
		pair, err := tls.LoadX509KeyPair(t.Cert, t.Key)
		if err != nil {
			return nil, errors.New("names files in cert and key that are no certificate and its key in PEM")
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
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

// addresses splits h1:p,h2:p and adds the port if it is left out.
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
