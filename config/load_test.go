package config_test

import (
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"heyq/config"
	"heyq/internal/fault"
)

func TestLoad_of_nothing_is_the_embedded_default(t *testing.T) {
	t.Parallel()
	c, warnings, err := config.Load(nil)
	if err != nil || len(warnings) > 0 {
		t.Fatalf("got %v and the warnings %v", err, warnings)
	}
	if c.Store.DatabaseURL.IsSet() || c.Redis.URL.IsSet() || c.HeyGen.APIKey.IsSet() || c.Redis.Target.Kind != "" {
		t.Error("something is set that nobody has set")
	}
	type few struct {
		Addr, Dir          string
		Slots, Create      int
		Price              float64
		Poll, Grace, Lease time.Duration
		Max                config.Bytes
		Level              zerolog.Level
	}
	want := few{
		"127.0.0.1:8080", "./heyq-data", 10, 20, 0.0667,
		5 * time.Second, 30 * time.Minute, 20 * time.Second, 4 << 30, zerolog.InfoLevel,
	}
	got := few{
		c.HTTP.Addr, c.Store.Dir, c.HeyGen.Slots, c.Queues.Create, c.HeyGen.PricePerSecond,
		c.Protocol.PollInterval, c.Protocol.Grace, c.Protocol.Lease, c.Media.MaxBytes, c.Log.Level,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLoad_reports_every_problem_at_once_and_sorted(t *testing.T) {
	t.Parallel()
	_, _, err := config.Load([]string{
		"REDIS_URL=http://:hunter2@cache", "DATABASE_URL=mysql://ada:hunter2@db/heyq", "PORT=70000",
		"HEYQ_LEASE=0s", "HEYQ_GRACE=-5m", "HEYQ_WINDOW=many", "HEYQ_LOG_LEVEL=loud", "HEYGEN_API_KEY_FILE=/no/such/file",
		"HEYQ_MAX_VIDEO_BYTES=big", "HEYQ_PRICE_PER_SECOND=NaN", "HEYQ_RESUBMIT_UNFOUND=perhaps",
	})
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Code != fault.Invalid {
		t.Fatalf("got %v, want a fault.Invalid", err)
	}
	got := map[string]string{}
	var order []string
	for _, field := range f.Fields {
		order = append(order, field.Name)
		got[field.Name] = field.Message
	}
	want := []string{
		"DATABASE_URL", "HEYGEN_API_KEY_FILE", "HEYQ_GRACE", "HEYQ_LEASE", "HEYQ_LOG_LEVEL", "HEYQ_MAX_VIDEO_BYTES",
		"HEYQ_PRICE_PER_SECOND", "HEYQ_RESUBMIT_UNFOUND", "HEYQ_WINDOW", "PORT", "REDIS_URL",
	}
	if diff := cmp.Diff(want, order); diff != "" {
		t.Error(diff)
	}
	if want := `got "0s"; wants a duration above zero; write for example 20s`; got["HEYQ_LEASE"] != want {
		t.Errorf("HEYQ_LEASE: got %s, want %s", got["HEYQ_LEASE"], want)
	}
	if want := `got "mysql://ada:[redacted]@db/heyq"; wants the URL of a Postgres`; !strings.HasPrefix(got["DATABASE_URL"], want) {
		t.Errorf("DATABASE_URL: got %s, want %s…", got["DATABASE_URL"], want)
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a password is shown: %v", err)
	}
}

// secret is one of so many bytes.
func secret(bytes int) string {
	return "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, bytes))
}

func TestLoad_of_a_receiver(t *testing.T) {
	t.Parallel()
	shared := []string{"DATABASE_URL=postgres://db/heyq", "REDIS_URL=redis://cache", "HEYQ_NOTIFY_URL=https://example.com/hook"}
	if _, _, err := config.Load(shared); err == nil || !strings.Contains(err.Error(), "HEYQ_NOTIFY_URL") ||
		!strings.Contains(err.Error(), "set the same HEYQ_NOTIFY_SECRET for every role") {
		t.Errorf("without a secret: %v", err)
	}
	c, _, err := config.Load(append(shared, "HEYQ_NOTIFY_SECRET="+secret(32)+"\t"+secret(24)))
	if err != nil || len(c.Notify.Secrets()) != 2 {
		t.Errorf("with two secrets: %d, %v", len(c.Notify.Secrets()), err)
	}
	for _, private := range []string{"http://localhost:9000/hook", "https://10.0.0.1/hook"} {
		if _, _, err := config.Load([]string{"HEYQ_NOTIFY_ALLOW_PRIVATE=true", "HEYQ_NOTIFY_URL=" + private}); err != nil {
			t.Errorf("%s: %v", private, err)
		}
	}
}

func TestLoad_one_variable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ set, want string }{ // an empty want: it is accepted
		{"HEYQ_ADDR=:9000", ""},
		{"HEYQ_ADDR=[::1]:0", ""},
		{"HEYQ_ADDR=9000", "wants host:port"},
		{"HEYQ_ADDR=localhost:http", "wants host:port"},
		{"HEYQ_CREATE_CONCURRENCY=0", "wants a whole number"},
		{"HEYQ_CREATE_CONCURRENCY=99999999999", "wants a whole number"},
		{"HEYQ_CREATE_CONCURRENCY=", ""},
		{"HEYQ_CLOCK_OFFSET=-5m", ""},
		{"HEYQ_CLOCK_OFFSET=soon", "wants a duration, which may be negative"},
		{"HEYQ_CREATE_TIMEOUT=30m", `HEYQ_GRACE: got "30m"; wants more than HEYQ_CREATE_TIMEOUT and HEYQ_LEASE together (30m20s)`},
		{"HEYQ_DASHBOARD_ADDR=8081", "wants host:port"},
		{"HEYQ_DASHBOARD_READ_ONLY=1", ""},
		{"HEYQ_DASHBOARD_READ_ONLY=perhaps", "wants true or false"},
		{"HEYQ_GRACE=2m20s", "wants more than HEYQ_CREATE_TIMEOUT and HEYQ_LEASE together (2m20s)"},
		{"HEYQ_GRACE=2m21s", ""},
		{"HEYQ_GRACE=30", "wants a duration above zero; write for example 30m"},
		{"HEYQ_HEYGEN_RATE=0.5", ""},
		{"HEYQ_HEYGEN_RATE=10/60s", ""},
		{"HEYQ_HEYGEN_RATE=3000/m", ""},
		{"HEYQ_HEYGEN_RATE=0", ""},
		{"HEYQ_HEYGEN_RATE=10/60", `HEYQ_HEYGEN_RATE: got "10/60"; wants a number a second, or a number in a span such as 10/60s; write for example 10`},
		{"HEYQ_HEYGEN_RATE=10/", "wants a number a second"},
		{"HEYQ_HEYGEN_RATE=10/-1s", "wants a number a second"},
		{"HEYQ_HEYGEN_RATE=-1", "wants a number a second"},
		{"HEYQ_HEYGEN_RATE=Inf", "wants a number a second"},
		{"HEYQ_HEYGEN_RATE=ten in 60 s", "wants a number a second"},
		{"HEYQ_POLL_TIMEOUT=10m", ""},
		{"HEYQ_POLL_TIMEOUT=11m", "wants at most 10m"},
		{"HEYQ_DOWNLOAD_TIMEOUT=0s", "wants a duration above zero; write for example 1h"},
		{"HEYQ_DOWNLOAD_ATTEMPTS=0", "wants a whole number from 1"},
		{"HEYQ_DATABASE_CONNECTIONS=4", ""},
		{"HEYQ_DATABASE_CONNECTIONS=3", "got \"3\"; wants"},
		{"HEYQ_METRICS_ADDR=:9090", ""},
		{"HEYQ_METRICS_ADDR=9090", "wants host:port"},
		{"HEYQ_NOTIFY_SECRET=" + secret(24), ""},
		{"HEYQ_NOTIFY_SECRET=" + secret(64) + " " + secret(32), ""},
		{"HEYQ_NOTIFY_SECRET=" + secret(23), `got "[redacted]"; wants whsec_ and the base64 of 24 to 64 bytes`},
		{"HEYQ_NOTIFY_SECRET=" + secret(65), "wants whsec_"},
		{"HEYQ_NOTIFY_SECRET=" + secret(32) + " other", "wants whsec_"},
		{"HEYQ_NOTIFY_SECRET=" + strings.TrimPrefix(secret(32), "whsec_"), "make one with: echo whsec_$(openssl rand -base64 32)"},
		{"HEYQ_NOTIFY_URL=https://example.com/hook", ""},
		{"HEYQ_NOTIFY_URL=http://example.com/hook", "http:// and private addresses need HEYQ_NOTIFY_ALLOW_PRIVATE=true"},
		{"HEYQ_NOTIFY_URL=https://ada:pw@example.com", "wants an https:// URL without a user"},
		{"HEYQ_NOTIFY_URL=example.com", "wants an https:// URL"},
		{"HEYQ_ALERT_WEBHOOK=https://hooks.slack.com/services/T/B/x", ""},
		{"HEYQ_ALERT_WEBHOOK=hooks.slack.com/services/T/B/x", `got "[redacted]"; wants an http:// or https:// URL`},
		{"HEYQ_ALERT_SUCCESS_RATE=101", "wants a number from 0 to 100"},
		{"HEYQ_ALERT_SUCCESS_RATE=0", ""},
		{"HEYQ_ALERT_BALANCE=-1", "wants a decimal number"},
		{"HEYGEN_API_KEY=sk_V2_abc-123", ""},
		{"HEYGEN_API_KEY=sk_V2\nabc", `got "[redacted]"; wants printable ASCII without spaces, quotes and line breaks; copy the key alone from HeyGen's settings, without quotes around it`},
		{"HEYGEN_API_KEY=\"sk_V2\"", "without spaces, quotes and line breaks"},
		{"HEYGEN_API_KEY='sk_V2'", "without spaces, quotes and line breaks"},
		{"HEYGEN_API_KEY=sk V2", "without spaces, quotes and line breaks"},
		{"HEYQ_OPERATOR_TOKEN=0123456789abcdef01234567", ""},
		{"HEYQ_OPERATOR_TOKEN=0123456789abcdef0123456", `got "[redacted]"; wants 24 to 512 characters of printable ASCII without spaces, 8 of them different; make one with: openssl rand -hex 32`},
		{"HEYQ_OPERATOR_TOKEN=0123456789abcdef 01234567", "without spaces"},
		{"HEYQ_OPERATOR_TOKEN=0123456789abcdef0123456Ä", "printable ASCII"},
		{"HEYQ_OPERATOR_TOKEN=" + strings.Repeat("0123456789", 52), "wants 24 to 512 characters"},
		{"HEYQ_OPERATOR_TOKEN=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "8 of them different"},
		{"HEYQ_OPERATOR_TOKEN=passwordpasswordpassword", "8 of them different"},
		{"HEYQ_TRUSTED_PROXIES=10.0.0.0/8, 192.0.2.7,2001:db8::/32", ""},
		{"HEYQ_TRUSTED_HEADER=X-Forwarded-Email", "wants HEYQ_TRUSTED_PROXIES beside it"},
		{"HEYQ_TRUSTED_HEADER=X Email", "wants the name of a header that has no other meaning"},
		{"HEYQ_TRUSTED_HEADER=X_Email", "wants the name of a header that has no other meaning"},
		{"HEYQ_TRUSTED_HEADER=authorization", "wants the name of a header that has no other meaning"},
		{"HEYQ_TRUSTED_PROXIES=proxy.internal", "wants addresses and networks with a comma between"},
		{"HEYQ_TRUSTED_PROXIES=10.0.0.0/8,0.0.0.0/0", "and not everybody"},
		{"HEYQ_URL=http://ada:hunter2@127.0.0.1:8080", `got "http://ada:[redacted]@127.0.0.1:8080"; wants an http:// or https:// URL without a user or a password`},
		{"HEYGEN_API_URL=https://ada:hunter2@api.heygen.com", `got "https://ada:[redacted]@api.heygen.com"; wants`},
		{"HEYQ_PUBLIC_URL=https://ada:hunter2@heyq.example.com", `got "https://ada:[redacted]@heyq.example.com"; wants`},
		{"HEYQ_NOTIFY_URL=https://ada:hunter2@example.com/x", `got "https://ada:[redacted]@example.com/x"; wants`},
		{"HEYQ_MEDIA_URL=ftp://ada:hunter2@example.com/x", `got "ftp://ada:[redacted]@example.com/x"; wants`},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=http://ada:hun/ter2@example.com", `got "[redacted]"; wants`},
		{"HEYQ_LOG_FORMAT=xml", "wants auto, json or pretty"},
		{"HEYQ_LOG_LEVEL=debug", ""},
		{"HEYQ_LOG_LEVEL=disabled", "wants trace, debug"},
		{"HEYQ_MAX_VIDEO_BYTES=0", "wants a size above zero"},
		{"HEYQ_MAX_VIDEO_BYTES=1048576", ""},
		{"HEYQ_MEDIA_URL=/srv/videos", "wants file:// with an absolute path"},
		{"HEYQ_MEDIA_URL=file:///srv/videos", ""},
		{"HEYQ_MEDIA_URL=file://srv/videos", "wants file:// with an absolute path"},
		{"HEYQ_MEDIA_URL=s3://bucket?region=eu-central-1", ""},
		{"HEYQ_PRICE_PER_SECOND=-0.1", "wants a decimal number"},
		{"HEYQ_PRICE_PER_SECOND=0", ""},
		{"HEYQ_PUBLIC_URL=https://heyq.example.com", ""},
		{"HEYQ_PUBLIC_URL=http://127.0.0.1:8080", ""},
		{"HEYQ_PUBLIC_URL=http://[::1]:8080", ""},
		{"HEYQ_PUBLIC_URL=http://localhost", ""},
		{"HEYQ_PUBLIC_URL=http://heyq.example.com", "wants an https:// URL without a path"},
		{"HEYQ_PUBLIC_URL=https://heyq.example.com/", "wants an https:// URL without a path"},
		{"HEYQ_PUBLIC_URL=https://heyq.example.com?x=1", "wants an https:// URL"},
		{"HEYQ_PUBLIC_URL=https://heyq.example.com#", "wants an https:// URL"},
		{"HEYQ_PUBLIC_URL=https://ada:pw@heyq.example.com", "wants an https:// URL"},
		{"HEYQ_PUBLIC_URL=heyq.example.com", "wants an https:// URL"},
		{"HEYQ_URL=localhost:8080", "wants an http:// or https:// URL"},
		{"HEYGEN_API_URL=http://127.0.0.1:9090", ""},
		{"PORT=0", "wants a whole number from 1"},
		{"PORT=8081", ""},
		{"DATABASE_URL=postgres://ada@db/heyq", "wants REDIS_URL beside it"},
		{"REDIS_URL=redis://cache:6379/1", ""},
	} {
		t.Run(c.set, func(t *testing.T) {
			t.Parallel()
			_, _, err := config.Load([]string{c.set})
			if c.want == "" && err != nil {
				t.Errorf("got %v, want none", err)
			}
			if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestLoad_addr(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		environ []string
		want    string
	}{
		{[]string{"PORT=5000"}, ":5000"},
		{[]string{"PORT=5000", "HEYQ_ADDR=127.0.0.1:9000"}, "127.0.0.1:9000"},
		{[]string{"PORT=5000", "HEYQ_ADDR="}, ":5000"},
	} {
		got, _, err := config.Load(c.environ)
		if err != nil || got.HTTP.Addr != c.want {
			t.Errorf("%v: got %q, %v; want %q", c.environ, got.HTTP.Addr, err, c.want)
		}
	}
}

func TestLoad_secrets_from_files(t *testing.T) {
	t.Parallel()
	file := func(content string) string {
		path := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	c, warnings, err := config.Load([]string{
		"HEYGEN_API_KEY_FILE=" + file("key\n"),
		"DATABASE_URL_FILE=" + file("postgres://ada:pw@db/heyq\r\n"),
		"REDIS_URL_FILE=" + file("redis://:pw@cache"),
	})
	if err != nil || len(warnings) > 0 {
		t.Fatalf("got %v and the warnings %v", err, warnings)
	}
	got := []string{c.HeyGen.APIKey.Reveal(), c.Store.DatabaseURL.Reveal(), c.Redis.URL.Reveal(), c.Redis.Target.Password.Reveal()}
	if diff := cmp.Diff([]string{"key", "postgres://ada:pw@db/heyq", "redis://:pw@cache", "pw"}, got); diff != "" {
		t.Error(diff)
	}

	for want, environ := range map[string][]string{
		"unset HEYGEN_API_KEY or HEYGEN_API_KEY_FILE": {"HEYGEN_API_KEY=a", "HEYGEN_API_KEY_FILE=" + file("b")},
		"a file with a value":                         {"HEYGEN_API_KEY_FILE=" + file("\n")},
		"mend: is a directory":                        {"HEYGEN_API_KEY_FILE=" + t.TempDir()},
	} {
		if _, _, err := config.Load(environ); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want %s", environ, err, want)
		}
	}
}

func TestForSimulator_looks_often_unless_told_otherwise(t *testing.T) {
	t.Parallel()
	for set, want := range map[string]time.Duration{"": 250 * time.Millisecond, "5s": 5 * time.Second, "1s": time.Second} {
		c, _, err := config.Load([]string{"HEYQ_POLL_INTERVAL=" + set})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.ForSimulator().Protocol.PollInterval; got != want {
			t.Errorf("set to %q: got %s, want %s", set, got, want)
		}
	}
}

func TestMediaURL(t *testing.T) {
	t.Parallel()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for set, want := range map[string]string{"": "file://" + here + "/data/media", "s3://bucket": "s3://bucket"} {
		c, _, err := config.Load([]string{"HEYQ_DIR=data", "HEYQ_MEDIA_URL=" + set})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := c.MediaURL(); err != nil || got != want {
			t.Errorf("set to %q: got %s, %v; want %s", set, got, err, want)
		}
	}
}
