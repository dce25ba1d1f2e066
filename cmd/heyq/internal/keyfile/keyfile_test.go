package keyfile

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestKeys_are_kept_for_one_heyq_each(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "new", "heyq")
	if k, _, err := Read(folder, "http://127.0.0.1:8080"); err != nil || k != (Key{}) {
		t.Fatalf("before: %+v, %v", k, err)
	}
	mine := Key{URL: "http://127.0.0.1:8080", Secret: "heyq_a_b", Name: "ada", Made: true}
	for _, k := range []Key{mine, {URL: "https://heyq.example.com/a/../b", Secret: "heyq_c_d"}} {
		path, err := Write(folder, k)
		if err != nil || filepath.Dir(path) != folder {
			t.Fatalf("kept in %s, %v", path, err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
			t.Errorf("the mode is %v, %v", info.Mode(), err)
		}
	}
	for _, same := range []string{"http://127.0.0.1:8080", "http://127.0.0.1:8080/"} {
		if k, mended, err := Read(folder, same); err != nil || k != mine || mended != "" {
			t.Errorf("got %+v, %q, %v", k, mended, err)
		}
	}
	for _, other := range []string{"http://127.0.0.1:8081", "https://127.0.0.1:8080", "http://127.0.0.1"} {
		if k, _, err := Read(folder, other); err != nil || k != (Key{}) {
			t.Errorf("%s is shown %+v, %v", other, k, err)
		}
	}
	for range 2 {
		if err := Remove(folder, mine.URL); err != nil {
			t.Error(err)
		}
	}
	if k, _, _ := Read(folder, mine.URL); k != (Key{}) {
		t.Errorf("after: %+v", k)
	}
}

func TestKeys_that_others_may_read(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("this system has no such modes")
	}
	folder := t.TempDir()
	path, err := Write(folder, Key{URL: "http://h", Secret: "heyq_a_b"})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	k, mended, err := Read(folder, "http://h")
	if err != nil || k.Secret != "heyq_a_b" || !strings.Contains(mended, path) {
		t.Errorf("got %+v, %q, %v", k, mended, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the mode is %v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Read(folder, "http://h"); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a torn file: %v", err)
	}
}

func TestFolder(t *testing.T) {
	t.Parallel()
	for environ, want := range map[string]string{"": "", "HOME=/home/ada": "/home/ada/.config/heyq", "XDG_CONFIG_HOME=/c": "/c/heyq"} {
		if got := Folder([]string{environ}); got != filepath.FromSlash(want) {
			t.Errorf("%s: %s, want %s", environ, got, want)
		}
	}
	if k, _, err := Read("", "http://h"); err != nil || k != (Key{}) {
		t.Errorf("without a folder: %+v, %v", k, err)
	}
	if _, err := Write("", Key{}); err == nil {
		t.Error("without a folder a key was kept")
	}
}
