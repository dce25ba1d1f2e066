package app

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"heyq/config"
	"heyq/internal/servers"
	"heyq/internal/testkit"
)

// closedTo makes a Redis known to a named user only: ada, with the password pw.
func closedTo(t *testing.T, address string, more ...[]any) {
	t.Helper()
	o, err := redis.ParseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	o.PoolSize = 1
	client := redis.NewClient(o)
	defer client.Close()
	more = append(more, []any{"ACL", "SETUSER", "ada", "on", ">pw", "~*", "&*", "+@all"}, []any{"ACL", "SETUSER", "default", "off"})
	for _, command := range more {
		if err := client.Do(t.Context(), command...).Err(); err != nil {
			t.Fatalf("%v: %v", command, err)
		}
	}
}

// works fails the test unless what url names takes a write of heyq's.
func works(t *testing.T, address, user string, db int) {
	t.Helper()
	target, err := config.ParseRedis(config.NewSecretURL(address))
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
	closedTo(t, address)
	works(t, with(t, address, "/3", nil), "ada", 3)
}

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
		closedTo(t, "redis://"+host, []any{"SENTINEL", "SET", name, "auth-user", "ada"}, []any{"SENTINEL", "SET", name, "auth-pass", "pw"},
			[]any{"ACL", "SETUSER", "watch", "on", ">own", "~*", "&*", "+@all"})
	}
	closedTo(t, master.URL())
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
		closedTo(t, "redis://"+host)
	}
	works(t, with(t, cluster.URL(), "", nil), "ada", 0)
}

// A private CA, and a server that wants a certificate from its clients.
func TestRedisURL_TLS_real(t *testing.T) {
	t.Parallel()
	ca, cert, key := certificates(t)
	addr, err := servers.FreeAddr()
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(addr)
	server := testkit.StartRedis(t, servers.With("tls-port", port), servers.With("tls-ca-cert-file", ca),
		servers.With("tls-cert-file", cert), servers.With("tls-key-file", key), servers.With("tls-auth-clients", "yes"))
	closedTo(t, server.URL())
	files := url.Values{"ca": {ca}, "cert": {cert}, "key": {key}}
	works(t, with(t, "rediss://127.0.0.1:"+port, "/1", files), "ada", 1)
	for name, wrong := range map[string]url.Values{
		"the system's CAs": {"cert": {cert}, "key": {key}},
		"no certificate":   {"ca": {ca}},
		"another name":     {"ca": {ca}, "cert": {cert}, "key": {key}, "server_name": {"elsewhere"}},
	} {
		target, err := config.ParseRedis(config.NewSecretURL(with(t, "rediss://127.0.0.1:"+port, "", wrong)))
		if err != nil {
			t.Fatal(err)
		}
		client := redisClient(target)
		if err := client.Set(t.Context(), "x", "1", 0).Err(); err == nil {
			t.Errorf("%s: it worked", name)
		}
		client.Close()
	}
}

// certificates makes a CA and a certificate for 127.0.0.1 that serves both sides.
func certificates(t *testing.T) (ca, cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "redis"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: encoded}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, cert, key
}

// A server that lets anybody greet it, and nobody work, is not back.
func TestOutage_ends_with_work_real(t *testing.T) {
	t.Parallel()
	address := testkit.Redis(t)
	o, err := redis.ParseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	client, admin := redis.NewClient(o), redis.NewClient(o)
	defer client.Close()
	defer admin.Close()
	var lines bytes.Buffer
	out := &outage{log: zerolog.New(zerolog.SyncWriter(&lines))}
	client.AddHook(out)
	if err := admin.Do(t.Context(), "ACL", "SETUSER", "default", "-@all", "+ping", "+hello", "+acl").Err(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := client.Set(t.Context(), "x", "1", 0).Err(); err == nil {
			t.Fatal("it worked")
		}
		if err := client.Ping(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := client.Get(gone, "x").Err(); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if !out.on() {
			t.Fatalf("it counts as back: %s", &lines)
		}
	}
	if err := admin.Do(t.Context(), "ACL", "SETUSER", "default", "+@all").Err(); err != nil {
		t.Fatal(err)
	}
	if err := client.Set(t.Context(), "x", "1", 0).Err(); err != nil || out.on() {
		t.Errorf("after it works: %v, away %v", err, out.on())
	}
	if text := lines.String(); strings.Count(text, "answers again") != 1 {
		t.Errorf("the lines are %s", text)
	}
}
