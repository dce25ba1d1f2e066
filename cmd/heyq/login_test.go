package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"heyq/client"
	"heyq/wire"
)

// Commands come in as who has logged in, with a key that is kept for that one heyq.
func TestE2E_login(t *testing.T) {
	t.Parallel()
	environ := startUp(t)
	dir, base := strings.TrimPrefix(environ[0], "HEYQ_DIR="), strings.TrimPrefix(environ[1], "HEYQ_URL=")
	heyq(t, environ, "me").wantOK(t).want(t, 0, "default", "owner", "the operator token")
	heyq(t, environ, "me", "sessions").wantOK(t).want(t, 0, "no sessions")
	heyq(t, environ, "me", "end").wantOK(t).want(t, 0, "0 sessions ended")
	heyq(t, environ, "me", "end", "x").want(t, 3, "list them with heyq me sessions")

	heyq(t, environ, "users", "create", "ada@example.com").wantOK(t)
	heyq(t, environ, "users", "invite", "alan@example.com").want(t, 3, "heyq users list")
	heyq(t, environ, "users", "invite", "Ada@example.com").wantOK(t).want(t, 0, base+"/password?token=", "good once")
	link := decode[wire.Link](t, heyq(t, environ, "users", "invite", "ada@example.com", "--reset", "--json").wantOK(t))
	set := wire.PasswordByLink{Token: link.Token, Password: "a few words of mine"}
	if err := client.New(base, "").Me.UseLink(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	if err := client.New(base, "").Me.UseLink(t.Context(), set); err == nil || strings.Contains(err.Error(), link.Token) {
		t.Errorf("a link was used twice: %v", err)
	}

	home := t.TempDir()
	elsewhere := []string{"HOME=" + home, "HEYQ_DIR=" + t.TempDir(), "HEYQ_URL=" + base} // another machine
	typing := func(typed string, args ...string) outcome {
		t.Helper()
		return heyqReading(t, typed, elsewhere, args...)
	}
	heyq(t, elsewhere, "videos", "list").want(t, 2, "wants its operator token")
	typing("ada@example.com\nwrong words\n", "login").want(t, 2, "the e-mail or the password is wrong")
	typing("", "login").want(t, 2, "nothing was given")
	typing("heyq_abcdefgh_ABCDEFGHIJKLMNOPQRSTUVWXYZ\n", "login").want(t, 2, "knows no such key")
	typing("ada@example.com\na few words of mine\n", "login", "--url", base+"/").wantOK(t).want(t, 0, "ada@example.com", "the key is in "+home)
	heyq(t, elsewhere, "me").wantOK(t).want(t, 0, "ada@example.com", "member", "a key", "videos:read, videos:write")
	heyq(t, elsewhere, "queues", "list").want(t, 3, "role member has not")

	files, err := filepath.Glob(filepath.Join(home, ".config", "heyq", "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("kept are %v, %v", files, err)
	}
	if info, err := os.Stat(files[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the mode is %v, %v", info.Mode(), err)
	}
	if err := os.Chmod(files[0], 0o640); err != nil {
		t.Fatal(err)
	}
	if o := heyq(t, elsewhere, "me").wantOK(t); !strings.Contains(o.stderr, "others could read the key") {
		t.Errorf("of a key that others could read it says %q", o.stderr)
	}
	heyq(t, append(elsewhere, "HEYQ_OPERATOR_TOKEN="+keptToken(t, dir)), "me").wantOK(t).want(t, 0, "owner")
	heyq(t, append(elsewhere, "HEYQ_URL=http://localhost:1"), "videos", "list").want(t, 5, "no heyq answers")
	heyq(t, environ, "me", "sessions").wantOK(t).want(t, 0, "no sessions") // the login has ended with the command

	content, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	_, key, _ := strings.Cut(string(content), `"key": "`)
	key, _, _ = strings.Cut(key, `"`)
	heyq(t, elsewhere, "logout").wantOK(t).want(t, 0, "lets in no more")
	heyq(t, elsewhere, "logout").wantOK(t).want(t, 0, "no key is kept")
	heyq(t, append(elsewhere, "HEYQ_KEY="+key), "me").want(t, 2, "knows no such key")

	made := decode[wire.MadeKey](t, heyq(t, environ, "keys", "create", "shop", "--scope", "videos:read", "--json").wantOK(t))
	typing("\n"+made.Secret+"\n", "login").wantOK(t)
	heyq(t, elsewhere, "me").wantOK(t).want(t, 0, made.Shown)
	heyq(t, elsewhere, "logout").wantOK(t).want(t, 0, "still lets in")
	heyq(t, append(elsewhere, "HEYQ_KEY="+made.Secret), "me").wantOK(t)
}
