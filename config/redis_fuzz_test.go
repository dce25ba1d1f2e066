package config_test

import (
	"net"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"heyq/config"
)

// FuzzParseRedis: what is taken of a URL can be dialed. One that is refused is
// never shown: an unescaped password can end up anywhere in it.
func FuzzParseRedis(f *testing.F) {
	for _, raw := range []string{
		"redis://cache", "rediss://:pass%40word@cache:6380/3", "redis-socket:///run/redis.sock?db=2", "redis-socket://cache",
		"redis-sentinel://:secret-word@s1,s2:26380,[::1]:7?master=m", "redis-cluster://user:secret-word@n1:7000,n2,[fe80::1]:7001/0",
		"redis://a,b", "redis://cache/x", "redis://:p@ss/word@cache:0", "http://cache", "redis://", "redis://[::1]", "redis:cache",
	} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		target, err := config.ParseRedis(config.NewSecretURL(raw))
		if err != nil {
			wantNothingShown(t, raw, err.Error())
			return
		}
		if len(target.Addrs) == 0 || target.DB < 0 || (target.Kind == config.RedisSentinel) != (target.Master != "") {
			t.Fatalf("%+v", flat(target))
		}
		for _, addr := range target.Addrs {
			if target.Network == "unix" {
				continue
			}
			host, port, err := net.SplitHostPort(addr)
			if n, _ := strconv.Atoi(port); err != nil || host == "" || n < 1 || n > 65535 {
				t.Fatalf("address %q: %v", addr, err)
			}
		}
		if target.Kind == config.RedisSingle && len(target.Addrs) != 1 {
			t.Fatalf("one server has the addresses %q", target.Addrs)
		}
	})
}

func wantNothingShown(t *testing.T, raw, message string) {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		return
	}
	password, _ := u.User.Password()
	for _, part := range []string{password, u.Host, u.Path} {
		if len(part) > 12 && strings.Contains(message, part) {
			t.Fatalf("%q shows %q", message, part)
		}
	}
}

// FuzzSecretURL: a log shows a URL without its password, or nothing of it.
func FuzzSecretURL(f *testing.F) {
	for _, raw := range []string{"redis://:%s@cache/0", "postgres://ada:%s@db:5432/heyq", "redis://cache?password=%s", "%s", "redis://%s@cache", "a:%s@b"} {
		f.Add(raw)
	}
	const password = "hunter2-is-long-enough"
	f.Fuzz(func(t *testing.T, format string) {
		raw := strings.Replace(format, "%s", password, 1)
		u, err := url.Parse(raw)
		if err != nil {
			return
		}
		if given, _ := u.User.Password(); given != password {
			return // it stands where no password belongs
		}
		if shown := config.NewSecretURL(raw).String(); strings.Contains(shown, password) {
			t.Fatalf("%q is shown as %q", raw, shown)
		}
	})
}
