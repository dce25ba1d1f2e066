package datafolder

import (
	"net"
	"os"
	"path/filepath"
	"testing"
)

// The note of where the API is served counts for as long as its process holds it:
// who takes the port of a heyq that was killed is shown no token.
func TestServes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	withdraw, err := Announce(t.Context(), dir, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080})
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]bool{
		"http://127.0.0.1:8080": true, "http://localhost:8080": true, "http://[::1]:8080/": true, "http://127.0.0.9:8080": true,
		"http://127.0.0.1:8081": false, "http://127.0.0.1": false, "http://192.0.2.1:8080": false, "http://heyq.example.com:8080": false,
		"http://localhost.example.com:8080": false, "http://127.0.0.1:..": false, "not a URL": false, "": false,
	} {
		if got := Serves(dir, address); got != want {
			t.Errorf("%s: got %v, want %v", address, got, want)
		}
	}
	note := filepath.Join(dir, servingDir, "8080")
	if info, err := os.Stat(note); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("the note is %v (%v)", info, err)
	}
	if err := withdraw(); err != nil {
		t.Fatal(err)
	}
	if Serves(dir, "http://127.0.0.1:8080") {
		t.Error("it counts though nobody serves")
	}
	if err := os.WriteFile(note, nil, 0o600); err != nil { // as a kill leaves it
		t.Fatal(err)
	}
	if Serves(dir, "http://127.0.0.1:8080") {
		t.Error("what a kill left counts")
	}
}
