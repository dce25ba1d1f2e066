package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"heyq/config"
)

func TestSecrets_are_never_printed(t *testing.T) {
	t.Parallel()
	c, _, err := config.Load([]string{
		"HEYGEN_API_KEY=hunter2", "DATABASE_URL=postgres://ada:hunter2@db/heyq", "REDIS_URL=redis-cluster://ada:hunter2@a:1,b:2",
	})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		fmt.Fprintf(&out, verb+"\n", c)
	}
	if err := json.NewEncoder(&out).Encode(c); err != nil {
		t.Fatal(err)
	}
	log := zerolog.New(&out)
	log.Info().Any("config", c).Any("key", c.HeyGen.APIKey).Stringer("url", c.Store.DatabaseURL).Send()

	for _, form := range []string{"hunter2", fmt.Sprintf("%x", "hunter2"), fmt.Sprintf("%d", []byte("hunter2"))} {
		if strings.Contains(out.String(), form) {
			t.Errorf("shows %q: %s", form, out.String())
		}
	}
	if !strings.Contains(out.String(), "postgres://ada:[redacted]@db/heyq") {
		t.Errorf("does not show where the database is: %s", out.String())
	}
	if c.HeyGen.APIKey.Reveal() != "hunter2" {
		t.Error("the key is lost")
	}
}

func TestSecretURL_String(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"":                                     "",
		"postgres://ada:pw@db:5432/heyq":       "postgres://ada:[redacted]@db:5432/heyq",
		"postgres://db/heyq?password=pw&x=1":   "postgres://db/heyq?password=[redacted]&x=1",
		"postgres:///heyq?host=/run/pg":        "postgres:///heyq?host=/run/pg",
		"redis://:pw@cache":                    "redis://:[redacted]@cache",
		"redis-cluster://:pw@a:1,b:2":          "redis-cluster://:[redacted]@a:1,b:2",
		"host=db password=pw":                  "[redacted]",
		"pw":                                   "[redacted]",
		"ada:pw@db":                            "[redacted]",
		"postgres:/ada:pw@db/heyq":             "[redacted]",
		"postgres://ada:12#pw@db/heyq":         "[redacted]",
		"postgres://ada:12?pw@db/heyq":         "[redacted]",
		"postgres://ada:p%zz@db/heyq":          "[redacted]",
		"postgres://ada:pw/with/slash@db/heyq": "[redacted]",
	} {
		if got := config.NewSecretURL(raw).String(); got != want {
			t.Errorf("%s: got %s, want %s", raw, got, want)
		}
	}
}
