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

// Who listens for others without a token is told before heyq refuses to start.
func TestLoad_warns_of_a_missing_token(t *testing.T) {
	t.Parallel()
	apart := []string{"DATABASE_URL=postgres://ada@db/heyq", "REDIS_URL=redis://cache"}
	for addr, want := range map[string]bool{
		"HEYQ_ADDR=:8080": true, "PORT=8080": true, "HEYQ_ADDR=10.0.0.1:80": true, "HEYQ_ADDR=heyq.internal:80": true, "HEYQ_ADDR=0.0.0.0:0": true,
		"HEYQ_ADDR=127.0.0.1:80": false, "HEYQ_ADDR=[::1]:80": false, "HEYQ_ADDR=localhost:80": false, "HEYQ_ADDR=": false,
	} {
		_, warnings, err := config.Load(append([]string{addr}, apart...))
		if err != nil {
			t.Fatal(err)
		}
		if got := len(warnings) == 1 && warnings[0].Variable == "HEYQ_OPERATOR_TOKEN"; got != want {
			t.Errorf("%s: got %v", addr, warnings)
		}
		for _, guarded := range [][]string{{addr}, append([]string{addr, "HEYQ_OPERATOR_TOKEN=0123456789abcdef"}, apart...)} {
			if _, warnings, err := config.Load(guarded); err != nil || len(warnings) > 0 {
				t.Errorf("%v: got %v, %v", guarded, warnings, err)
			}
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
