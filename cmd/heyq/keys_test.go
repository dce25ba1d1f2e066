package main

import (
	"net/http"
	"strings"
	"testing"

	"heyq/client"
	"heyq/wire"
)

// A key of a member's, made by commands, sees the member's videos and nothing else.
func TestE2E_keys(t *testing.T) {
	t.Parallel()
	environ := startUp(t)
	owners := made(t, environ, hello...)
	ada := decode[wire.User](t, heyq(t, environ, "users", "create", "ada@example.com", "--json").wantOK(t))

	heyq(t, environ, "keys", "list").wantOK(t).want(t, 0, "no keys")
	heyq(t, environ, "keys", "create", "shop").want(t, 2, "scopes", "videos:read")
	heyq(t, environ, "keys", "create", "shop", "--scope", "people").want(t, 2, "is no scope of a key")
	heyq(t, environ, "keys", "create", "shop", "--scope", "videos:read", "--for", "soon").want(t, 2, "--for", "90d")
	k := decode[wire.MadeKey](t, heyq(t, environ, "keys", "create", "shop", "--scope", "videos:read,videos:write", "--for", "90d", "--json").wantOK(t))
	heyq(t, environ, "keys", "list").wantOK(t).want(t, 0, k.ID, "shop", k.Shown, "videos:read, videos:write", "until 20")

	with := append(append([]string{}, environ...), "HEYQ_KEY="+k.Secret)
	heyq(t, with, "videos", "get", owners).wantOK(t)
	heyq(t, with, "queues", "list").want(t, 3, "lacks the scope operate")
	heyq(t, with, "users", "list").want(t, 3, "lacks the scope people")
	heyq(t, with, "keys", "create", "wider", "--scope", "videos:read").want(t, 3, "a key makes and revokes no keys")
	heyq(t, with, "keys", "revoke", k.ID).want(t, 3, "a key makes and revokes no keys")
	heyq(t, environ, "keys", "create", "x", "--user", "ada", "--scope", "videos:read").want(t, 2, "user_id")
	adas := decode[wire.MadeKey](t, heyq(t, environ, "keys", "create", "hers", "--user", ada.ID, "--scope", "videos:read", "--json").wantOK(t))
	heyq(t, append(append([]string{}, environ...), "HEYQ_KEY="+adas.Secret), "videos", "get", owners).want(t, 3, "there is no video "+owners)

	hers := append(append([]string{}, environ...), "HEYQ_KEY="+adas.Secret)
	heyq(t, environ, "videos", "share", owners, ada.ID).wantOK(t).want(t, 0, ada.ID)
	heyq(t, environ, "videos", "share", owners).wantOK(t).want(t, 0, ada.ID)
	heyq(t, hers, "videos", "get", owners).wantOK(t)
	heyq(t, hers, "videos", "list").wantOK(t).want(t, 0, owners)
	heyq(t, environ, "videos", "unshare", owners, ada.ID).wantOK(t).want(t, 0, "any more")
	heyq(t, environ, "videos", "share", owners).wantOK(t).want(t, 0, "to no other user")
	heyq(t, hers, "videos", "get", owners).want(t, 3, "there is no video")

	base := ""
	for _, v := range environ {
		if url, ok := strings.CutPrefix(v, "HEYQ_URL="); ok {
			base = url
		}
	}
	for path, want := range map[string]int{"/v1/videos": 200, "/monitoring/": 403, "/metrics": 403, "/docs/": 200} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+k.Secret)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("%s with a key: got %d, want %d", path, answer.StatusCode, want)
		}
	}
	if page, err := http.PostForm(base+"/login", map[string][]string{"token": {k.Secret}}); err != nil || page.StatusCode != http.StatusUnauthorized {
		t.Errorf("a key began a session, which is the owner's: %v, %v", page, err)
	} else {
		page.Body.Close()
	}

	heyq(t, environ, "keys", "revoke", k.ID).wantOK(t).want(t, 0, "lets no program in any more")
	heyq(t, with, "videos", "list").want(t, 2, "knows no such key")
	heyq(t, environ, "keys", "list").wantOK(t).want(t, 0, "revoked")
	heyq(t, environ, "keys", "revoke", ada.ID).want(t, 3, "list them with heyq keys list")
	if _, err := client.New(base, "heyq_abcdefgh_"+strings.Repeat("A", 26)).Videos.List(t.Context(), "", 1, 1); err == nil {
		t.Error("a key that is none lets in")
	}
}
