package main

import (
	"testing"
)

func TestMigrate(t *testing.T) {
	t.Parallel()
	environ := []string{"HEYQ_DIR=" + t.TempDir()}
	heyq(t, environ, "migrate", "up").wantOK(t)
	heyq(t, environ, "migrate", "up").wantOK(t).want(t, 0, "nothing to apply")
	status := decode[struct {
		Migrations []struct {
			Name    string
			Applied bool
		}
	}](t, heyq(t, environ, "migrate", "status", "--json").wantOK(t))
	if len(status.Migrations) == 0 {
		t.Fatal("there are no migrations")
	}
	for _, m := range status.Migrations {
		if !m.Applied {
			t.Errorf("%s is not applied", m.Name)
		}
	}
	heyq(t, environ, "migrate", "status").wantOK(t).want(t, 0, "✓ ", status.Migrations[0].Name)
}
