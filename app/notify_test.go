package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"heyq/config"
	"heyq/internal/fault"
)

func TestNotifySecrets_are_made_once_where_heyq_is_alone(t *testing.T) {
	t.Parallel()
	c := config.Config{Store: config.Store{Dir: t.TempDir()}}
	path := filepath.Join(c.Store.Dir, "notify-secret")
	first, err := notifySecrets(c)
	if err != nil || len(first) != 1 || !strings.HasPrefix(first[0], "whsec_") {
		t.Fatalf("made %q, %v", first, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("kept with mode %v, %v", info.Mode(), err)
	}
	again, err := notifySecrets(c)
	if diff := cmp.Diff(first, again); diff != "" || err != nil {
		t.Errorf("after a restart: %v\n%s", err, diff)
	}
	other, err := notifySecrets(config.Config{Store: config.Store{Dir: t.TempDir()}})
	if err != nil || other[0] == first[0] {
		t.Errorf("another heyq has the same secret, %v", err)
	}

	if err := os.WriteFile(path, []byte("whsec_hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := notifySecrets(c); fault.CodeOf(err) != fault.Invalid || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("of a broken file: %v", err)
	}
}

func TestNotifySecrets_are_never_made_where_several_processes_share_a_store(t *testing.T) {
	t.Parallel()
	c := config.Config{Store: config.Store{Dir: t.TempDir(), DatabaseURL: secretURL("postgres://db/heyq")}}
	if got, err := notifySecrets(c); err != nil || len(got) != 0 {
		t.Errorf("got %q, %v", got, err)
	}
	c.Notify.Secret = config.NewSecret("whsec_new whsec_old")
	got, err := notifySecrets(c)
	if diff := cmp.Diff([]string{"whsec_new", "whsec_old"}, got); diff != "" || err != nil {
		t.Errorf("configured: %v\n%s", err, diff)
	}
	if files, err := os.ReadDir(c.Store.Dir); err != nil || len(files) > 0 {
		t.Errorf("wrote %v, %v", files, err)
	}
}
