//go:build unix

package datafolder

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"heyq/internal/fault"
)

func TestCheckFolder(t *testing.T) {
	t.Parallel()
	const setgid = fs.ModeSetgid
	for name, c := range map[string]struct {
		mode         fs.FileMode
		owner, group int  // if not zero; tried by root only, since no other user may give a folder away
		elsewhere    bool // the database is
		holds        string
		refused      string
		left         fs.FileMode // afterwards; zero: as it was
	}{
		"private":                        {mode: 0o700},
		"empty, and listed by others":    {mode: 0o755, left: 0o700},
		"heyq's, and listed by others":   {mode: 0o755, holds: Database, left: 0o700},
		"the same, database elsewhere":   {mode: 0o750, holds: OperatorToken, elsewhere: true, left: 0o700},
		"a home":                         {mode: 0o755, holds: ".profile"},
		"a group's volume":               {mode: 0o770 | setgid, group: 4242},
		"a volume of root's group":       {mode: 0o770},
		"open to all":                    {mode: 0o777, refused: "chmod 700"},
		"writable by all":                {mode: 0o702, refused: "chmod 700"},
		"open to all, as an emptyDir is": {mode: 0o777 | setgid, group: 4242, elsewhere: true, refused: rootOnly("", "chmod 700")},
		"a stranger's":                   {mode: 0o700, owner: 54321, group: 54321, refused: "chown"},
		"a stranger's, empty elsewhere":  {mode: 0o700, owner: 54321, group: 54321, elsewhere: true, refused: "chown"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "data")
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if c.holds != "" {
				write(t, filepath.Join(dir, c.holds), 0o644)
			}
			if c.owner+c.group != 0 && os.Chown(dir, c.owner, c.group) != nil {
				return
			}
			if err := os.Chmod(dir, c.mode); err != nil {
				t.Fatal(err)
			}
			refuses(t, Check(dir, !c.elsewhere), c.refused, dir)
			if c.left == 0 {
				c.left = c.mode
			}
			wantMode(t, dir, c.left)
			if c.holds != "" && c.holds != ".profile" {
				wantMode(t, filepath.Join(dir, c.holds), 0o600)
			}
		})
	}
	if err := Check(filepath.Join(t.TempDir(), "none"), false); err != nil {
		t.Errorf("where there is none, and no database: %v", err)
	}
}

// rootOnly is what holds for root, and what for others.
func rootOnly(root, others string) string {
	if os.Geteuid() == 0 {
		return root
	}
	return others
}

// No other user may read what heyq keeps, whatever it was copied from.
func TestCheck_files(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range files {
		write(t, filepath.Join(dir, name), 0o644)
	}
	refuses(t, Check(dir, true), "", dir)
	for _, name := range files {
		wantMode(t, filepath.Join(dir, name), 0o600)
	}
	database := filepath.Join(dir, Database)
	if os.Chown(database, 54321, 54321) == nil {
		refuses(t, Check(dir, true), "chown", database)
	}
}

func write(t *testing.T, path string, mode fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// refuses fails the test unless err says what to type about path; empty: no error.
func refuses(t *testing.T, err error, command, path string) {
	t.Helper()
	switch {
	case command == "" && err != nil:
		t.Errorf("it is refused: %v", err)
	case command != "" && (fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), command+" ") || !strings.Contains(err.Error(), path)):
		t.Errorf("got %v, want %q about %s", err, command, path)
	}
}

func wantMode(t *testing.T, path string, want fs.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode() & (fs.ModePerm | fs.ModeSetgid); got != want {
		t.Errorf("%s has the mode %v, want %v", path, got, want)
	}
}
