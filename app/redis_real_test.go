package app

import (
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"heyq/config"
	"heyq/internal/testkit"
	"heyq/internal/testservers"
)

// closedTo makes a Redis known to a named user only, after more was done to it.
func closedTo(t *testing.T, address, user, password string, more ...[]any) {
	t.Helper()
	target, err := config.ParseRedis(secretURL(address))
	if err != nil {
		t.Fatal(err)
	}
	client := redisClient(target)
	defer client.Close()
	more = append(more, []any{"ACL", "SETUSER", user, "on", ">" + password, "~*", "&*", "+@all"}, []any{"ACL", "SETUSER", "default", "off"})
	for _, command := range more {
		if err := client.Do(t.Context(), command...).Err(); err != nil {
			t.Fatalf("%v: %v", command, err)
		}
	}
}

// works fails the test unless what url names takes a write of heyq's.
func works(t *testing.T, address, user string, db int) {
	t.Helper()
	target, err := config.ParseRedis(secretURL(address))
	if err != nil {
		t.Fatal(err)
	}
	client := redisClient(target)
	defer client.Close()
	testkit.Eventually(t, func() error { return client.Set(t.Context(), "asynq:x", "1", 0).Err() })
	if who, err := client.Do(t.Context(), "ACL", "WHOAMI").Text(); err != nil || who != user {
		t.Errorf("%s: works as %s (%v), want %s", client, who, err, user)
	}
	if info, err := client.Do(t.Context(), "CLIENT", "INFO").Text(); err != nil || !strings.Contains(info, " db="+string(rune('0'+db))+" ") {
		t.Errorf("works in another database than %d: %s, %v", db, info, err)
	}
}

// with puts a user, a database and parameters into a URL.
func with(t *testing.T, address, path string, parameters url.Values) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User, u.Path = url.UserPassword("ada", "pw"), path
	query := u.Query()
	for name, values := range parameters {
		query[name] = values
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// Each form of REDIS_URL is tried on a server of that form.
func TestRedisURL_named_user_real(t *testing.T) {
	t.Parallel()
	address := testkit.Redis(t)
	closedTo(t, address, "ada", "pw")
	works(t, with(t, address, "/3", nil), "ada", 3)
}

func TestRedisURL_socket_real(t *testing.T) {
	t.Parallel()
	socket := filepath.Join(t.TempDir(), "redis.sock")
	closedTo(t, testkit.StartRedis(t, testservers.With("unixsocket", socket)).URL(), "ada", "pw")
	works(t, with(t, "redis-socket://", socket, url.Values{"db": {"2"}}), "ada", 2)
}

// The sentinels know another user than their master, and neither knows the other's.
func TestRedisURL_sentinel_real(t *testing.T) {
	t.Parallel()
	set := testkit.StartSentinel(t)
	master, err := set.Master(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(set.URL())
	if err != nil {
		t.Fatal(err)
	}
	name := u.Query().Get("master")
	for host := range strings.SplitSeq(u.Host, ",") {
		closedTo(t, "redis://"+host, "watch", "own",
			[]any{"SENTINEL", "SET", name, "auth-user", "ada"}, []any{"SENTINEL", "SET", name, "auth-pass", "pw"})
	}
	closedTo(t, master.URL(), "ada", "pw")
	own := url.Values{"sentinel_username": {"watch"}, "sentinel_password": {"own"}}
	works(t, with(t, set.URL(), "/2", own), "ada", 2)
}

func TestRedisURL_cluster_real(t *testing.T) {
	t.Parallel()
	cluster := testkit.StartCluster(t)
	u, err := url.Parse(cluster.URL())
	if err != nil {
		t.Fatal(err)
	}
	for host := range strings.SplitSeq(u.Host, ",") {
		closedTo(t, "redis://"+host, "ada", "pw")
	}
	works(t, with(t, cluster.URL(), "", nil), "ada", 0)
}

// Each kind of Redis over TLS, with a private CA and servers that want a certificate from
// their clients, as the sentinels and the nodes of a cluster do.
func TestRedisURL_TLS_real(t *testing.T) {
	t.Parallel()
	start := map[string]func(testservers.Option) (address, user string){
		"single": func(secure testservers.Option) (string, string) {
			server := testkit.StartRedis(t, secure)
			closedTo(t, server.URL(), "ada", "pw")
			return with(t, server.URL(), "/1", nil), "ada"
		},
		"sentinel": func(secure testservers.Option) (string, string) {
			return testkit.StartSentinel(t, secure).URL(), "default"
		},
		"cluster": func(secure testservers.Option) (string, string) {
			return testkit.StartCluster(t, secure).URL(), "default"
		},
	}
	for kind, start := range start {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			files := testkit.NewCertificates(t)
			address, user := start(testservers.TLS(files))
			db := 0
			if kind == "single" {
				db = 1
			}
			works(t, address, user, db)
			u, err := url.Parse(address)
			if err != nil {
				t.Fatal(err)
			}
			for name, change := range map[string]func(url.Values){
				"the system's CAs":   func(q url.Values) { q.Del("ca") },
				"another CA":         func(q url.Values) { q.Set("ca", testkit.NewCertificates(t).CA) },
				"no certificate":     func(q url.Values) { q.Del("cert"); q.Del("key") },
				"another name":       func(q url.Values) { q.Set("server_name", "elsewhere") },
				"no TLS":             nil,
				"the servers' names": func(q url.Values) { q.Set("server_name", "localhost") },
			} {
				wrong := *u
				query := u.Query()
				if change == nil {
					wrong.Scheme = strings.Replace(wrong.Scheme, "rediss", "redis", 1)
					query = url.Values{}
					if kind == "sentinel" {
						query.Set("master", u.Query().Get("master"))
					}
				} else {
					change(query)
				}
				wrong.RawQuery = query.Encode()
				target, err := config.ParseRedis(secretURL(wrong.String()))
				if err != nil {
					t.Fatal(err)
				}
				client := redisClient(target)
				err = client.Set(t.Context(), "asynq:x", "1", 0).Err()
				if works := name == "the servers' names"; (err == nil) != works {
					t.Errorf("%s: %v, want that it works: %t", name, err, works)
				}
				client.Close()
			}
		})
	}
}
