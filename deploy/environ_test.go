package deploy_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"heyq/config"
)

// secrets are the values behind the files that the manifests name, by the name of
// the file.
var secrets = map[string]string{
	"database-url":    "postgres://heyq:secret@postgres:5432/heyq",
	"redis-url":       "redis://:secret@redis:6379/0",
	"heygen-api-key":  "key",
	"operator-token":  "0123456789abcdef0123456789abcdef",
	"notify-secret":   "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
	"alert-webhook":   "https://hooks.slack.com/services/T/B/x",
	"heygen-webhook":  "secret",
	"postgres-secret": "secret",
}

// wantConfig fails the test unless environ, with its files of secrets, is a
// configuration that heyq takes without a word, and that no role refuses.
func wantConfig(t *testing.T, where string, environ map[string]string) config.Config {
	t.Helper()
	dir := t.TempDir()
	var list []string
	for name, value := range environ {
		if path, isFile := strings.CutSuffix(name, "_FILE"); isFile && path != "" {
			secret, known := secrets[filepath.Base(value)]
			if !known {
				t.Errorf("%s: nobody makes the secret %s for %s", where, value, name)
			}
			value = filepath.Join(dir, filepath.Base(value))
			if err := os.WriteFile(value, []byte(secret), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		list = append(list, name+"="+value)
	}
	c, warnings, err := config.Load(list)
	if err != nil {
		t.Errorf("%s: %v", where, err)
	}
	for _, w := range warnings {
		t.Errorf("%s: %s", where, w)
	}
	if !c.Store.DatabaseURL.IsSet() || !c.Redis.URL.IsSet() || !c.HeyGen.APIKey.IsSet() {
		t.Errorf("%s: a role would run on something embedded", where)
	}
	return c
}

// read returns a file of the repository.
func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", path))
	if err != nil {
		t.Fatal(err)
	}
	return content
}
