package main

import (
	"testing"

	"heyq/wire"
)

func TestE2E_limits(t *testing.T) {
	t.Parallel()
	environ := startUp(t)
	ada := decode[wire.User](t, heyq(t, environ, "users", "create", "ada@example.com", "--json").wantOK(t))
	heyq(t, environ, "limits", "get", "default").wantOK(t).want(t, 0, "no limit")
	heyq(t, environ, "limits", "get", ada.ID).wantOK(t).want(t, 0, "600 in 60 s", "6000 in 60 s")
	heyq(t, environ, "limits", "set", ada.ID, "--read", "many").want(t, 2, "600/60s")
	heyq(t, environ, "limits", "set", ada.ID, "--read", "0/m").want(t, 2, "read.amount", "1 to 1000000")
	heyq(t, environ, "limits", "set", ada.ID, "--read", "2/h").wantOK(t).want(t, 0, "600 in 60 s", "2 in 3600 s")
	k := decode[wire.MadeKey](t, heyq(t, environ, "keys", "create", "hers", "--user", ada.ID, "--scope", "videos:read", "--json").wantOK(t))
	with := append(append([]string{}, environ...), "HEYQ_KEY="+k.Secret)
	heyq(t, with, "videos", "list").wantOK(t)
	heyq(t, with, "videos", "list").wantOK(t)
	heyq(t, with, "videos", "list").want(t, 5, "beyond your limit read", "nothing was done")
	heyq(t, environ, "limits", "set", ada.ID).wantOK(t).want(t, 0, "6000 in 60 s")
}
