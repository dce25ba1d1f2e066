package config_test

import (
	"strings"
	"testing"

	"heyq/config"
)

func TestLoad_warns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ set, variable, want string }{ // an empty want: it says nothing
		{"HEYQ_GRACE=29m", "HEYQ_GRACE", "29m is less than the safe 30m"},
		{"HEYQ_GRACE=31m", "", ""},
		{"HEYQ_CREATE_TIMEOUT=59s", "HEYQ_CREATE_TIMEOUT", "59s is less than the safe 1m: creates that HeyGen accepts late"},
		{"HEYQ_KEY_LIFETIME=24h", "HEYQ_KEY_LIFETIME", "24h is more than the safe 23h: HeyGen forgets"},
		{"HEYQ_KEY_LIFETIME=1h", "", ""},
		{"HEYQ_LEASE=5s", "HEYQ_LEASE", "less than the safe 10s"},
		{"HEYQ_LEASE=3m", "HEYQ_REDISPATCH", "2m is not more than HEYQ_LEASE (3m)"},
		{"HEYQ_NOT_FOUND_AFTER=1m", "HEYQ_NOT_FOUND_AFTER", "a paid video would fail"},
		{"HEYQ_RESUBMIT_UNFOUND=true", "HEYQ_RESUBMIT_UNFOUND", "can pay twice"},
		{"HEYGEN_API_URL=http://127.0.0.1:9090", "HEYGEN_API_URL", "not used without HEYGEN_API_KEY"},
		{"REDIS_URL=redis://ada:pw@cache", "REDIS_URL", "user name in it is not used"},
		{"REDIS_URL=redis-cluster://ada:pw@cache", "", ""},
		{"HEYQ_CONCURENCY=5", "HEYQ_CONCURENCY", "did you mean HEYGEN_CONCURRENCY?"},
		{"HEYQ_POLL_INTERVALL=5s", "HEYQ_POLL_INTERVALL", "did you mean HEYQ_POLL_INTERVAL?"},
		{"HEYGEN_API_KEYFILE=x", "HEYGEN_API_KEYFILE", "did you mean HEYGEN_API_KEY_FILE?"},
		{"HEYGEN_BASE_URL=https://api.heygen.com", "HEYGEN_BASE_URL", "did you mean HEYGEN_API_URL?"},
		{"HEYQ_TEST_ROUNDS=20", "", ""},
		{"HOME=/root", "", ""},
		{"HEYQ_KEEP_COMPLETED=1h", "HEYQ_KEEP_COMPLETED", "1h is less than the safe 24h: its user may not"},
		{"HEYQ_KEEP_CANCELLED=1h", "", ""},
		{"HEYQ_DELETE_AT_HEYGEN=24h", "", ""},
	} {
		t.Run(c.set, func(t *testing.T) {
			t.Parallel()
			_, warnings, err := config.Load([]string{c.set})
			if err != nil {
				t.Fatal(err)
			}
			if c.want == "" {
				if len(warnings) > 0 {
					t.Errorf("got %v, want none", warnings)
				}
				return
			}
			if len(warnings) != 1 || warnings[0].Variable != c.variable || !strings.Contains(warnings[0].String(), c.want) {
				t.Errorf("got %v, want %s: %s", warnings, c.variable, c.want)
			}
		})
	}
}

// Secrets that others can read on their way are warned of.
func TestLoad_warns_of_secrets_in_clear(t *testing.T) {
	t.Parallel()
	const postgres, redis = "DATABASE_URL=postgres://db/heyq", "REDIS_URL=rediss://cache"
	for _, c := range []struct {
		environ  []string
		variable string // that is warned of; empty: none
	}{
		{[]string{"HEYGEN_API_KEY=k", "HEYGEN_API_URL=http://heygen.example.com"}, "HEYGEN_API_URL"},
		{[]string{"HEYGEN_API_KEY=k", "HEYGEN_API_URL=https://heygen.example.com"}, ""},
		{[]string{"HEYGEN_API_KEY=k", "HEYGEN_API_URL=http://127.0.0.1:9090"}, ""},
		{[]string{"HEYGEN_API_KEY=k", "HEYGEN_API_URL=http://simulator:9090"}, ""}, // a container's
		{[]string{"HEYQ_OPERATOR_TOKEN=0123456789abcdef01234567", "HEYQ_URL=http://192.0.2.1:8080"}, "HEYQ_URL"},
		{[]string{"HEYQ_URL=http://192.0.2.1:8080"}, ""}, // no token is shown there
		{[]string{"HEYQ_ALERT_WEBHOOK=http://chat.example.com/hooks/x"}, "HEYQ_ALERT_WEBHOOK"},
		{[]string{"DATABASE_URL=postgres://ada:pw@db.example.com/heyq?sslmode=disable", redis}, "DATABASE_URL"},
		{[]string{"DATABASE_URL=postgres://ada:pw@[2001:db8::1]/heyq?sslmode=disable", redis}, "DATABASE_URL"},
		{[]string{"DATABASE_URL=postgres://ada:pw@db.example.com/heyq?sslmode=require", redis}, ""},
		{[]string{"DATABASE_URL=postgres://ada:pw@[::1]/heyq?sslmode=disable", redis}, ""},
		{[]string{"DATABASE_URL=postgres://ada:pw@db.example.com/heyq", redis}, "DATABASE_URL"}, // pgx prefers TLS, and goes on without
		{[]string{"DATABASE_URL=postgres://ada:pw@db.example.com/heyq?sslmode=prefer", redis}, "DATABASE_URL"},
		{[]string{"DATABASE_URL=postgres://ada:pw@10.0.0.5/heyq", redis}, ""},
		{[]string{"DATABASE_URL=postgres://ada:pw@postgres/heyq", redis}, ""},
		{[]string{"DATABASE_URL=postgres://ada@db.example.com/heyq", redis}, ""}, // no password
		{[]string{postgres, "REDIS_URL=redis-sentinel://192.0.2.1:26379?master=m&sentinel_password=pw"}, "REDIS_URL"},
		{[]string{postgres, "REDIS_URL=rediss-sentinel://192.0.2.1:26379?master=m&sentinel_password=pw"}, ""},
		{[]string{postgres, "REDIS_URL=redis://:pw@192.0.2.1:6379/0"}, "REDIS_URL"},
		{[]string{postgres, "REDIS_URL=redis-cluster://ada:pw@127.0.0.1:1,b.example.com:2"}, "REDIS_URL"},
		{[]string{postgres, "REDIS_URL=rediss://:pw@192.0.2.1:6379/0"}, ""},
		{[]string{postgres, "REDIS_URL=redis://192.0.2.1:6379/0"}, ""},
		{[]string{postgres, "REDIS_URL=redis://:pw@redis:6379/0"}, ""},
		{[]string{postgres, "REDIS_URL=redis-socket://:pw@/run/redis.sock"}, ""},
	} {
		_, warnings, err := config.Load(c.environ)
		if err != nil {
			t.Errorf("%s: %v", c.environ, err)
		}
		var got []string
		for _, w := range warnings {
			if strings.Contains(w.Message, "in clear") {
				got = append(got, w.Variable)
			}
			if strings.Contains(w.Message, "pw") || strings.Contains(w.Message, "0123456789") {
				t.Errorf("%s: a secret is shown: %s", c.environ, w)
			}
		}
		if strings.Join(got, " ") != c.variable {
			t.Errorf("%s: warned of %q, want %q", c.environ, got, c.variable)
		}
	}
}

func TestLoad_does_not_warn_of_what_is_an_error(t *testing.T) {
	t.Parallel()
	_, warnings, err := config.Load([]string{"HEYQ_GRACE=-1s", "HEYQ_LEASE=soon"})
	if err == nil || len(warnings) > 0 {
		t.Errorf("got %v and the warnings %v", err, warnings)
	}
}

func TestLoad_warns_of_retention_without_effect(t *testing.T) {
	t.Parallel()
	_, warnings, err := config.Load([]string{"HEYQ_KEEP_COMPLETED=48h", "HEYQ_KEEP_FILES=48h", "HEYQ_DELETE_AT_HEYGEN=72h"})
	if err != nil || len(warnings) != 2 || warnings[0].Variable != "HEYQ_DELETE_AT_HEYGEN" || warnings[1].Variable != "HEYQ_KEEP_FILES" {
		t.Errorf("got %v and the warnings %v", err, warnings)
	}
}

// Unset is for ever. Zero would be at once, and is refused.
func TestLoad_keeps_everything_unless_told_otherwise(t *testing.T) {
	t.Parallel()
	c, _, err := config.Load(nil)
	if r := c.Retention; err != nil || r.Completed != 0 || r.Failed != 0 || r.Cancelled != 0 || r.Files != 0 || r.AtHeyGen != 0 || r.Audit == 0 {
		t.Errorf("got %v, %+v", err, r)
	}
	if _, _, err := config.Load([]string{"HEYQ_KEEP_FILES=0s"}); err == nil || !strings.Contains(err.Error(), "write for example 720h") {
		t.Errorf("zero: %v", err)
	}
}
