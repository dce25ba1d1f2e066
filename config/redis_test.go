package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"heyq/config"
)

// flat is a target with its password in the open.
func flat(t config.RedisTarget) map[string]any {
	return map[string]any{
		"kind": t.Kind, "network": t.Network, "addrs": strings.Join(t.Addrs, " "), "tls": t.TLS,
		"username": t.Username, "password": t.Password.Reveal(), "db": t.DB, "master": t.Master,
		"sentinel": t.SentinelUsername + ":" + t.SentinelPassword.Reveal(),
		"files":    t.CA + " " + t.Cert + " " + t.Key + " " + t.ServerName,
	}
}

func TestParseRedis(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]config.RedisTarget{
		"redis://cache": {Kind: config.RedisSingle, Network: "tcp", Addrs: []string{"cache:6379"}},
		"redis://:p%40w@cache:7000/3": {
			Kind: config.RedisSingle, Network: "tcp", Addrs: []string{"cache:7000"}, Password: config.NewSecret("p@w"), DB: 3,
		},
		"redis://ada:pw@cache": {Kind: config.RedisSingle, Network: "tcp", Addrs: []string{"cache:6379"}, Username: "ada", Password: config.NewSecret("pw")},
		"rediss://cache?ca=/ca.pem&cert=/c.pem&key=/k.pem&server_name=redis": {
			Kind: config.RedisSingle, Network: "tcp", Addrs: []string{"cache:6379"}, TLS: true, CA: "/ca.pem", Cert: "/c.pem", Key: "/k.pem", ServerName: "redis",
		},
		"rediss-sentinel://ada:pw@a,b/3?master=one&sentinel_username=bob&sentinel_password=p%40w": {
			Kind: config.RedisSentinel, Network: "tcp", Addrs: []string{"a:26379", "b:26379"}, TLS: true, Master: "one", DB: 3,
			Username: "ada", Password: config.NewSecret("pw"), SentinelUsername: "bob", SentinelPassword: config.NewSecret("p@w"),
		},
		"rediss-cluster://ada:pw@a?ca=/ca.pem": {
			Kind: config.RedisCluster, Network: "tcp", Addrs: []string{"a:6379"}, TLS: true, CA: "/ca.pem", Username: "ada", Password: config.NewSecret("pw"),
		},
		"rediss://[::1]:7000":                       {Kind: config.RedisSingle, Network: "tcp", Addrs: []string{"[::1]:7000"}, TLS: true},
		"redis-socket:///run/redis.sock?db=2":       {Kind: config.RedisSingle, Network: "unix", Addrs: []string{"/run/redis.sock"}, DB: 2},
		"redis-sentinel://:pw@a:1,b,c:3?master=one": {Kind: config.RedisSentinel, Network: "tcp", Addrs: []string{"a:1", "b:26379", "c:3"}, Password: config.NewSecret("pw"), Master: "one"},
		"redis-cluster://ada:pw@a:1,b:2,c:3":        {Kind: config.RedisCluster, Network: "tcp", Addrs: []string{"a:1", "b:2", "c:3"}, Username: "ada", Password: config.NewSecret("pw")},
		"redis-cluster://a/0":                       {Kind: config.RedisCluster, Network: "tcp", Addrs: []string{"a:6379"}},
	} {
		got, err := config.ParseRedis(config.NewSecretURL(url))
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		if diff := cmp.Diff(flat(want), flat(got)); diff != "" {
			t.Errorf("%s: %s", url, diff)
		}
	}
}

func TestParseRedis_refuses(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"cache:6379":                           "another scheme",
		"http://cache":                         "another scheme",
		"redis://":                             "lacks a host",
		"redis://cache:0":                      "port",
		"redis://cache:70000":                  "port",
		"redis://cache/first":                  "database",
		"redis://a,b":                          "several hosts",
		"redis-socket://run/redis.sock":        "absolute path",
		"redis-socket:///r.sock?db=x":          "database",
		"redis-sentinel://a:1,b:2":             "master",
		"redis-sentinel://?master=one":         "lacks a host",
		"redis-cluster://a:1,,b:2":             "lacks a host",
		"redis://cache?db=3":                   "takes none",
		"redis://cache?ca=/ca.pem":             "takes none",
		"rediss://cache?CA=/x":                 "takes ca, cert, key, server_name",
		"rediss://cache?cert=/c.pem":           "needs both",
		"rediss-socket:///r.sock":              "another scheme",
		"redis-cluster://a?master=x":           "takes none",
		"redis-sentinel://a?master=x&db=1":     "takes master",
		"redis-sentinel://a/x?master=one":      "database",
		"redis-sentinel://a?master=x&master=y": "twice",
		"redis-cluster://a:1/4":                "only number 0",
		"redis://:hunter2@a:x":                 "no URL",
		"redis://ada:12/hunter2@cache":         "database",
	} {
		_, err := config.ParseRedis(config.NewSecretURL(url))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", url, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the password is shown: %v", url, err)
		}
	}
}
