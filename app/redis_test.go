package app

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"heyq/config"
)

// secretURL is what a variable holds after config.Load.
func secretURL(value string) (u config.SecretURL) {
	_ = u.UnmarshalText([]byte(value))
	return u
}

func TestRedisClient_dials_what_the_URL_says(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]redis.Options{
		"redis://cache":                     {Network: "tcp", Addr: "cache:6379"},
		"redis://:secret@cache:7000/3":      {Network: "tcp", Addr: "cache:7000", Password: "secret", DB: 3},
		"rediss://[::1]":                    {Network: "tcp", Addr: "[::1]:6379"},
		"redis-socket:///run/r.sock?db=2":   {Network: "unix", Addr: "/run/r.sock", DB: 2},
		"redis-socket://:pw@/run/r.sock":    {Network: "unix", Addr: "/run/r.sock", Password: "pw"},
		"redis-sentinel://a,b:1?master=one": {Network: "", Addr: "FailoverClient"},
	} {
		target, err := config.ParseRedis(secretURL(url))
		if err != nil {
			t.Fatal(err)
		}
		client := redisClient(target)
		defer client.Close()
		single, ok := client.(*redis.Client)
		if !ok {
			t.Fatalf("%s: the client is a %T", url, client)
		}
		got := single.Options()
		if got.Addr != want.Addr || got.Password != want.Password || got.DB != want.DB || (want.Network != "" && got.Network != want.Network) {
			t.Errorf("%s: dials %s %s/%d with %q", url, got.Network, got.Addr, got.DB, got.Password)
		}
		if tls := got.TLSConfig != nil; tls != target.TLS {
			t.Errorf("%s: TLS is %v", url, tls)
		}
	}
}

func TestRedisClient_asks_a_cluster_for_its_masters(t *testing.T) {
	t.Parallel()
	target, err := config.ParseRedis(secretURL("redis-cluster://ada:secret@a,b:1"))
	if err != nil {
		t.Fatal(err)
	}
	client, ok := redisClient(target).(*redis.ClusterClient)
	if !ok {
		t.Fatal("the client is none of a cluster")
	}
	defer client.Close()
	o := client.Options()
	if len(o.Addrs) != 2 || o.Addrs[0] != "a:6379" || o.Addrs[1] != "b:1" || o.Username != "ada" || o.Password != "secret" ||
		o.ClusterStateReloadInterval != clusterLook {
		t.Errorf("dials %v as %s, asks every %s", o.Addrs, o.Username, o.ClusterStateReloadInterval)
	}
}
